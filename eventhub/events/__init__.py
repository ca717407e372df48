"""Events and their rooms. What happens in them is the programme (`sessions`)."""
