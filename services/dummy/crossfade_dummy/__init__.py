"""The sample service: one program, two versions, something to shift traffic between."""
