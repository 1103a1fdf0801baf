"""What touches the world: one file per outside thing. Their names are the workflow's contract."""
