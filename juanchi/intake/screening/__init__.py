"""What a clue is, and how surely: by its signs, the city's words, and what decisions taught.

``signs`` are those of any language, ``lexicon`` the city's own words, ``advertising`` what is sold
and where it was glued to something else, ``reasons`` the ways to take a clue, ``screener`` chooses.
"""

from juanchi.intake.screening.screener import Screener as Screener
