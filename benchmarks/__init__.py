"""How long the engine takes, against what else there is: ratios measured in one run.

`python -m benchmarks` (or `make bench`) measures and writes `results.json`, from which the page
«Medido» of the site is made (`livedocs/derived/measured.py`).
"""
