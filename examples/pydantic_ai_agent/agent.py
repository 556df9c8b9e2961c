"""A pydantic-ai agent whose tools are those that Orket offers, composed anew for each of its steps."""

import asyncio
import sys

from pydantic_ai import Agent, FunctionToolset, RunContext, Tool

from orket.core import Runtime

agent = Agent(deps_type=Runtime, instructions="Answer from the files in the workspace.")


@agent.toolset
def offer(ctx: RunContext[Runtime]) -> FunctionToolset[Runtime]:
    """What the active strategy offers for this step."""
    turn = ctx.deps.turn(session_id=ctx.run_id, model=ctx.model.model_name, turn=ctx.run_step)
    return FunctionToolset(
        [
            Tool.from_schema(function, function.name, function.description, function.schema)
            for function in turn.functions()
        ]
    )


async def main() -> None:
    """Answer the question of the command line."""
    async with Runtime.load() as runtime:
        answer = await agent.run(" ".join(sys.argv[1:]), model="openai:gpt-5-mini", deps=runtime)
    print(answer.output)


if __name__ == "__main__":
    asyncio.run(main())
