"""Programs of our own: started, watched, healed, and gone when we are gone."""
