"""lrcourse: the learning rate and its schedules.

Import from the file that holds the code: `from lrcourse.schedules import StepDecay`.
The files stand in floors; each imports only from floors below its own:

    floor 0   schedules                      every formula, NumPy only
              text_plot, words               a curve in characters, and in words
    floor 1   torch_scheduler, torch_twins   the bridge to PyTorch
              experiments                    many trainings at once
    floor 3   plots                          figures with a text alternative
              tasks                          what a right answer does, and which wrong ones we know
    floor 4   explore                        a schedule under your hands
              check                          right or wrong, at once
    floor 5   cli, __main__                  the command line

(Floor 2 is kept for the tools of sections 09 to 11.)
"""

__version__ = "0.1.0"
