"""The pages: each module turns values into one page of HTML."""
