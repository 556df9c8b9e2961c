"""How a node differs from the control, which is the default of its family."""
