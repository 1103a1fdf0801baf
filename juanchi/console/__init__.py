"""Where people work: HTTP API, Open311, web pages."""
