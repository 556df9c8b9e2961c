"""What every node of a family keeps."""
