"""Where clues come from and what their words say: screening, locating, recognition, routing.

Everything here is a pure function of a city's lists and a text; the activities bring both.
"""
