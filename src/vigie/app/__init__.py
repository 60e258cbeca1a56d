"""Where the parts become a whole: settings, the pipeline, the processes, the command line.

Comes in: command-line arguments and site files. Goes out: a running centre, or files of plots and tracks.
Never: decodes, tracks or draws by itself; it only composes the rooms, in order.
Begin reading at ``pipeline.py`` (the chain), then ``processes.py`` (the same chain over three processes);
``cli.py`` names the commands, one file of ``commands/`` each.
"""
