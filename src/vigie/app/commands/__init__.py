"""One file per command of ``vigie``; each has one function that ``vigie.app.cli`` registers."""
