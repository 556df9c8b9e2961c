"""What runs in the worker processes and in their parent, the nursery. The host imports nothing of it but names."""
