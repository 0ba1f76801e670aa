"""The stores of a unit of work, one for each table."""
