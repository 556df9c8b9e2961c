"""An agent loop over the `openai` SDK: Orket says what the model is offered, and runs what it calls."""

import asyncio
import sys

from openai import AsyncOpenAI, omit

from orket.core import Runtime

MODEL = "gpt-5-mini"


async def ask(question: str, client: AsyncOpenAI, runtime: Runtime) -> str:
    """The model's answer, after as many rounds of tool calls as it needs."""
    messages: list[object] = [{"role": "user", "content": question}]
    for number in range(10):
        turn = runtime.turn(model=MODEL, turn=number)
        completion = await client.chat.completions.create(
            model=MODEL,
            messages=messages,  # type: ignore[arg-type]  # plain dictionaries, as they are sent
            tools=turn.tools.as_openai_chat() or omit,  # type: ignore[arg-type]  # the same
        )
        reply = completion.choices[0].message
        if not reply.tool_calls:
            return reply.content or ""
        results = await turn.call_many(reply.tool_calls)
        messages.append(reply.model_dump(exclude_none=True))
        messages += [result.as_message("openai-chat") for result in results]
    return "No answer after ten rounds."


async def main() -> None:
    """Answer the question of the command line."""
    async with AsyncOpenAI() as client, Runtime.load() as runtime:
        print(await ask(" ".join(sys.argv[1:]), client, runtime))


if __name__ == "__main__":
    asyncio.run(main())
