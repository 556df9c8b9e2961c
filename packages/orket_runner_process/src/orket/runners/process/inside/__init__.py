"""What runs in the worker processes and in their parent, the nursery. The host asks only Landlock for its version."""
