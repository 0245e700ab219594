"""lrcourse: the learning rate and its schedules.

Import from the file that holds the code: `from lrcourse.schedules import StepDecay`.
The files stand in floors; each imports only from floors below its own:

    floor 0   schedules                      every formula, NumPy only
              text_plot, words               a curve in characters, and in words
              panels                         a picture as plain data
    floor 1   torch_scheduler, torch_twins   the bridge to PyTorch
              torch_compositions             what programs of two schedulers really do
              experiments                    many trainings at once
              recipes                        what well-known models were trained with
              user_training                  a model, a loss and batches, as all tools take them
              borrowed                       try something on a model, and give it back bit by bit
              progress, update               what you have done, and how it meets a new version
    floor 2   finder                         the range test, its rules, and what they are worth
              diagnosis                      what a loss curve says about its learning rate
              batch_size                     another batch, another rate; the noise scale
              handouts                       what an exercise hands out besides its text
    floor 3   plots                          figures with a text alternative
              claims                         sentences of the course, and what shows them
              tasks                          what a right answer does, and which wrong ones we know
              advise                         a schedule for a situation, with reasons
              doctor                         is this installation healthy?
    floor 4   explore                        pictures that answer a slider
              check                          right or wrong, at once
    floor 5   grading                        a class, in a sandbox: scores, pages, tables
    floor 6   cli, __main__                  the command line
"""

import os

# Intel's library, which multiplies PyTorch's matrices on a CPU, rounds by where in memory a
# matrix lies, unless it is told not to before its first product. It costs nothing measurable,
# and a training gives the same bits however many others are trained beside it.
os.environ.setdefault("MKL_CBWR", "AUTO,STRICT")

__version__ = "0.1.0"
