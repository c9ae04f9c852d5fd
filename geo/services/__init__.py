"""Use cases, one function each: the actor, a unit of work and values go in, domain values come out."""
