"""What a connector may raise that is not ours: it is told to its author, and stops nobody else."""

BUGS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
