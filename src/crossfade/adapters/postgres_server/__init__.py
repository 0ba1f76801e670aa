"""The PostgreSQL server that runs beside us, for those who have none."""
