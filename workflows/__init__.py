"""What happens in time: durable, deterministic processes."""
