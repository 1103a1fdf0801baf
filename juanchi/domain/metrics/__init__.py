"""What stands behind the figures: a life told by who owed what, periods, and shares."""
