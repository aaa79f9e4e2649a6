"""Read models of the API: each list is a fixed number of statements, whatever it holds."""

from sqlalchemy import exc

DATABASE_AWAY: tuple[type[Exception], ...] = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
"""What is raised where the database cannot be reached or does not answer in time."""
