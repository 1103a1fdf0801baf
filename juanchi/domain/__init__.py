"""What a ticket is and may do: pure, typed, no waiting, no reading, no writing."""
