"""The only wiring: from settings to ports, and to the programs that run beside us."""
