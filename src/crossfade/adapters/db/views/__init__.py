"""What the API shows: one statement for each look at the database."""
