"""Where others send what they have to say: the door for signed messages."""
