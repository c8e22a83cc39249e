"""How a stack is taken away: in which order, what stays, and what may be left behind. From its state alone."""
