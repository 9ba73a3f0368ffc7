"""What the outputs of the course say in two executions, compared: a record of each, and a report.

`record` writes down what every page gave, without what chance decides, in one file that travels.
`compare` finds what changed between two, by what an output says and not by how it is written;
`report` tells it in a terminal, in HTML and in Markdown.
"""
