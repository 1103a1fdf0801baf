"""What is remembered: PostgreSQL tables, the journal, read views and the city's lists."""
