# %% [markdown]
# # Final quiz: forty sentences
#
# **15 minutes.** Forty sentences about learning rates and schedules, from all thirteen sections. Some are beliefs that stand in notes, blog posts and documentation, and they are wrong. Others are right, though you may have read the opposite. Which are which?
#
# - **Decide first, then open.** Under each sentence choose `True` or `False`. Your answer opens and says whether it is right, and why.
# - **Count your right ones** on paper. Nothing is kept.
# - **The last words of an answer** name the section that shows it.
# - **Nothing has to be run.** Mouse or keyboard: with Tab you reach an answer, with Enter you open it.
#
# A sentence counts as true only if all of it is true.

# %% [markdown] tags=["quiz"]
# ## 00 What the learning rate does
#
# [The lesson](00_learning_rate.ipynb)
#
# **1. In the bowl $f(w) = w^2/2$, without noise, gradient descent diverges at every constant rate above 1.**
#
# - [ ] True
#   At the rate 1 a single step lands on the bottom, so a longer one seems to be lost. It lands on the other side, but nearer. Up to 2 the ball zigzags and arrives. Section 00.
# - [x] False
#   Each update multiplies the distance by 1 − η, and the size of this factor is below 1 for every rate between 0 and 2. Section 00.
#
# **2. In a bowl with gradient noise of constant strength, a stable constant rate leaves the mean loss on a floor above zero, however long you train.**
#
# - [x] True
#   Every update adds fresh noise, and the bowl pulls back. Where the two balance, the loss stops falling. Section 00.
# - [ ] False
#   A bowl is convex, so every stable rate seems bound to arrive. That is so without noise. With it there is a balance that does not depend on time, and a lower rate moves it down. Section 00.
#
# **3. With PyTorch's default betas and `eps`, Adam's first step on a weight is about as long for a gradient of 0.001 as for one of 1000.**
#
# - [x] True
#   Adam divides the gradient by its own size. What is left is the sign, and so the step is as long as the rate. Section 00.
# - [ ] False
#   With SGD the second step would be a million times as long, because SGD multiplies the gradient by the rate. Adam divides by the size of the gradient first. Section 00.
#
# **4. In a bowl, an L2 penalty on the weight raises the largest stable rate.**
#
# - [ ] True
#   A penalty keeps weights small, and that sounds as if the gradients were small, too. But it adds a slope and a curvature of its own, and a steeper bowl bears a lower rate. Section 00.
# - [x] False
#   The limit was 2/λ. A penalty α makes it 2/(λ + α), which is less. Section 00.

# %% [markdown] tags=["quiz"]
# ## 01 Step decay
#
# [The lesson](01_step.ipynb)
#
# **5. In `StepLR(optimizer, step_size=30)`, the 30 counts calls of `scheduler.step()`.**
#
# - [x] True
#   PyTorch does not know what an epoch is. Step it in every batch, and the rate drops every 30 batches. Section 01.
# - [ ] False
#   Recipes count in epochs, so one thinks of 30 epochs. They are epochs only if you call `step()` once in each: the scheduler sees nothing but its calls. Section 01.
#
# **6. For ImageNet, the ResNet paper of 2015 fixed in advance that the rate drops at epochs 30, 60 and 90.**
#
# - [ ] True
#   Many later recipes have these epochs, and so the paper is quoted with them. It says something else: divide by 10 when the error plateaus. Section 01.
# - [x] False
#   The rule of the paper listens: it divides when the error stops getting better. The fixed epochs came later. Section 01.
#
# **7. In the usual loop, `optimizer.step()` and then `scheduler.step()`, a rate that you read after both calls is the one that the next update will use.**
#
# - [x] True
#   The scheduler has just written it for the update to come. Whoever wants to log the rate that was used must read it before the update. Section 01.
# - [ ] False
#   It is printed at the end of a round, so it looks like the rate of that round. But `scheduler.step()` has already put the next one in its place. Section 01.

# %% [markdown] tags=["quiz"]
# ## 02 Exponential decay and its relatives
#
# [The lesson](02_exponential.ipynb)
#
# **8. With 100 batches in an epoch, a factor of $0.9^{1/100}$ after every batch lowers the rate by as much per epoch as one factor of 0.9.**
#
# - [x] True
#   A hundred such factors are multiplied, and the hundredth root, taken a hundred times, is 0.9 again. Section 02.
# - [ ] False
#   To share something out, one divides. But factors multiply: a factor of 0.9/100 would end the training after one batch, and 1 − 0.1/100 comes only close. The root is exact. Section 02.
#
# **9. In a bowl of curvature 0.2, without noise, the rate $0.1 \cdot 0.9^t$ brings the weight to the minimum if you wait long enough.**
#
# - [ ] True
#   The weight does come to rest, and that looks like arriving. But all these rates together are worth ten updates at the first one. More than four fifths of the way is never made. Section 02.
# - [x] False
#   The rates add up to 0.1/(1 − 0.9) = 1, however long you wait, and in so flat a bowl that is far too little. Section 02.
#
# **10. If the rate goes to zero, the sum of all rates is finite.**
#
# - [ ] True
#   For exponential decay it is. Inverse time decay, `1/(1 + k*t)`, goes to zero as well, and its sum passes any number. What decides is how fast the rate falls. Section 02.
# - [x] False
#   Inverse time decay shows it: the rate goes to zero, and the sum grows like a logarithm, without a limit. Section 02.

# %% [markdown] tags=["quiz"]
# ## 03 Cosine annealing
#
# [The lesson](03_cosine.ipynb)
#
# **11. In PyTorch, a `CosineAnnealingLR` stays at its floor after `T_max`.**
#
# - [ ] True
#   The cosines of Keras, optax and this course do. PyTorch's follows the wave further, and that leads back up to the peak. Section 03.
# - [x] False
#   `T_max` is half a period. The other half climbs, as smoothly as the first one fell. Section 03.
#
# **12. A cosine and a straight line, both from 0.1 to 0 in 200 updates, have the same mean rate.**
#
# - [x] True
#   What the cosine gains on the line in the first half, it gives back in the second. Section 03.
# - [ ] False
#   The cosine stays high at first, so it seems to spend more. After the middle it lies below the line by just as much. Section 03.
#
# **13. `CosineAnnealingLR(optimizer, T_max=100, eta_min=0.1)` ends at a tenth of the peak, whatever the peak is.**
#
# - [ ] True
#   In Keras and optax the floor is a share of the peak, and it would be so. PyTorch takes `eta_min` for a rate: with a peak of 0.05 the "decay" rises to 0.1. Section 03.
# - [x] False
#   It ends at the rate 0.1. That is a tenth of the peak only if the peak is 1. Section 03.

# %% [markdown] tags=["quiz"]
# ## 04 Warm restarts
#
# [The lesson](04_sgdr.ipynb)
#
# **14. With `T_0=10` and `T_mult=2`, the first three warm restarts come at t = 10, 30 and 70.**
#
# - [x] True
#   The cycles last 10, 20 and 40 updates, and a restart comes when all cycles before it are over. Section 04.
# - [ ] False
#   It is easy to expect 10, 20 and 40. These are the lengths of the cycles. The restarts lie at their sums: 10, 10 + 20, 10 + 20 + 40. Section 04.
#
# **15. It is disputed that warm restarts lead to better minima.**
#
# - [x] True
#   It is an old promise. A study of the landscape found no evidence for the usual reasons, and here SGDR did not end a point above one cosine. Section 04.
# - [ ] False
#   A ball that is kicked out of a poor valley is a good picture, and so it is told as a fact. A controlled study did not find it. Nor is it refuted: there may be landscapes with such traps. Section 04.
#
# **16. A warm restart puts the rate and the weights back to where they began.**
#
# - [ ] True
#   The word sounds like starting over. "Warm" means that this happens to the rate alone: what the network has learned stays. Section 04.
# - [x] False
#   Only the rate jumps, back to the peak. Training goes on from the weights that are there. Section 04.

# %% [markdown] tags=["quiz"]
# ## 05 Reduce on plateau
#
# [The lesson](05_plateau.ipynb)
#
# **17. PyTorch's `ReduceLROnPlateau` finds out by itself whether its metric is a loss or an accuracy.**
#
# - [ ] True
#   It never complains, so it seems to know. In truth it takes every metric for a loss: with an accuracy each new best counts as bad, and the rate is cut again and again. Section 05.
# - [x] False
#   It gets a number without a name, and its default is `mode="min"`. Where more is better, you have to say `mode="max"`. Section 05.
#
# **18. As long as the loss would fall in every epoch if it were measured without noise, a plateau rule with a patience of 2 never cuts.**
#
# - [ ] True
#   The rule is made to wait for a plateau, and here is none. But it hears only the measured loss. Three epochs in a row without a new best happen by chance, and it cuts. Section 05.
# - [x] False
#   Noise is enough for a cut: a lucky low value, then three that are not quite as low. Section 05.
#
# **19. On a metric that is flat from the start, and with a patience of 5, the plateau rule of Keras cuts one check earlier than that of PyTorch.**
#
# - [x] True
#   The first check sets the best. Keras cuts at the fifth bad check after it, PyTorch tolerates five and cuts at the sixth. Section 05.
# - [ ] False
#   The parameter has the same name in both, so it should mean the same. But Keras asks for `bad >= patience`, and PyTorch for `bad > patience`. Section 05.

# %% [markdown] tags=["quiz"]
# ## 06 Warmup
#
# [The lesson](06_warmup.ipynb)
#
# **20. A warmup can decide whether a network learns, even where there is neither BatchNorm nor Adam.**
#
# - [x] True
#   Plain gradient descent showed it. At a peak of 2 the networks were lost without a warmup, and learned with one. Section 06.
# - [ ] False
#   BatchNorm and Adam are the causes that are named most often, so without them a warmup seems needless. But a network without both met a steep stretch that its full rate did not survive. Section 06.
#
# **21. With Adam, clipping the gradient to a tenth of its length makes the first step about ten times shorter.**
#
# - [ ] True
#   With SGD it does. Adam divides the clipped gradient by its own clipped size, and the tenth cancels. Section 06.
# - [x] False
#   Adam's first step is as long as the rate, whatever the length of the gradient. So clipping does not replace a warmup here. Section 06.
#
# **22. If update t uses the rate `peak * t / W`, with t from 0, then the first update changes no weight.**
#
# - [x] True
#   At t = 0 the rate is exactly zero. The first batch is paid for, and trains nothing. Section 06.
# - [ ] False
#   An update without any effect sounds like a slip that somebody would have found. Yet well-known programs begin so. With `(t + 1) / W` no update is wasted. Section 06.
#
# **23. GPT-3 was warmed up for 375 steps.**
#
# - [ ] True
#   The number is the right one, but its unit was lost on the way: 375 million tokens. As the early batches are small, these are a few thousand updates. Section 06.
# - [x] False
#   Its paper counts this length in tokens, 375 million of them, and not in steps. Section 06.

# %% [markdown] tags=["quiz"]
# ## 07 Cyclical rates and one cycle
#
# [The lesson](07_one_cycle.ipynb)
#
# **24. With its default factors, PyTorch's `OneCycleLR` ends at `max_lr` divided by 250,000.**
#
# - [x] True
#   It starts at `max_lr / 25`, and `final_div_factor=1e4` divides that first rate. Section 07.
# - [ ] False
#   `final_div_factor=1e4` looks as if it divided the peak, and then it would be 10,000. It divides the first rate, which is already 25 times lower. Section 07.
#
# **25. With its default arguments, PyTorch's `OneCycleLR` has three phases: up, down, and a last stretch far below the start.**
#
# - [ ] True
#   Smith's recipe and the first version of fastai have three, under the same name. PyTorch does this only if you say `three_phase=True`. Section 07.
# - [x] False
#   There are two: up to the peak, and one long way down to the tiny end. Section 07.
#
# **26. If one cycle needs fewer updates than a constant rate, this proves that the rise of its rate helps.**
#
# - [ ] True
#   The rise is what one cycle is known for. But it also ends low, and a constant rate does not. A cosine, which never rises, saved about as much. Section 07.
# - [x] False
#   Rise and decay both differ from a constant rate, so either may be the cause. A race against a cosine with the same budget tells them apart. Section 07.

# %% [markdown] tags=["quiz"]
# ## 08 The PyTorch API
#
# [The lesson](08_pytorch.ipynb)
#
# **27. Once a `CosineAnnealingLR` takes over, it no longer matters which rate you gave to the optimizer.**
#
# - [ ] True
#   The scheduler writes every rate from now on, so the first one seems forgotten. But it is the base that the cosine starts from. Only `OneCycleLR` and `CyclicLR` bring their own. Section 08.
# - [x] False
#   That rate is the peak of the cosine. It has no argument for another one. Section 08.
#
# **28. In a `SequentialLR` with `milestones=[10]`, a cosine with `T_max=90` as the second part reaches its floor at t = 100.**
#
# - [x] True
#   The cosine begins at its own zero when t is 10, and needs 90 calls from there. Section 08.
# - [ ] False
#   One is tempted to give the cosine the length of the whole run. But it does not count the calls of the warmup, so `T_max` is what remains after them. Section 08.
#
# **29. The function that you give to a `LambdaLR` must return a factor and not a learning rate.**
#
# - [x] True
#   What it returns is multiplied with the rate that you gave to the optimizer. Section 08.
# - [ ] False
#   A formula from a paper gives a rate, and with it the program runs without an error. But its peak of 0.1 is then multiplied by the 0.1 of the optimizer, and 0.01 is left. Section 08.
#
# **30. Making a scheduler never changes the rate in the optimizer. Only `scheduler.step()` does.**
#
# - [ ] True
#   Nothing has been stepped yet, so nothing should change. But the constructor takes a first step by itself: a warmup writes its low first rate at once. Section 08.
# - [x] False
#   A warmup that was only made has already lowered the rate. This is one reason to build everything first and then load the states. Section 08.

# %% [markdown] tags=["quiz"]
# ## 09 Finding and diagnosing
#
# [The lesson](09_lr_finder.ipynb)
#
# **31. If the loss of a range test is lowest at the last rate of the sweep, then this rate is the best one for the training.**
#
# - [ ] True
#   It is the best that the sweep has seen, and that looks like an answer. But the sweep ended before the loss rose, so it has found no limit. Sweep on until it does. Section 09.
# - [x] False
#   Such a sweep was too short. What lies beyond its end, nobody knows. Section 09.
#
# **32. A range test changes the weights: without a copy to put back, your training starts from what the sweep has left.**
#
# - [x] True
#   A sweep is a training, up to rates that ruin the network. So keep a copy of model and optimizer, or use a finder that puts them back. Section 09.
# - [ ] False
#   A test sounds like something that only looks. This one makes real updates, the last of them at rates far too high, and nothing warns you. Section 09.
#
# **33. Two flat losses can need opposite remedies: one a lower rate, the other a higher rate.**
#
# - [x] True
#   On a noise floor a lower rate helps. After a decay that came too early, a higher one does. The drop test tells which it is. Section 09.
# - [ ] False
#   "Flat, so lower the rate" is common advice, and right on a noise floor. Where the rate has fallen too early, it makes the training slower still, and the two curves can look alike. Section 09.

# %% [markdown] tags=["quiz"]
# ## 10 Batch size
#
# [The lesson](10_batch_size.ipynb)
#
# **34. In PyTorch, four backward passes without `zero_grad()` between them, each on the mean loss of 16 examples, leave four times the gradient of the mean loss over all 64.**
#
# - [x] True
#   The four gradients are added up. Divide each loss by 4, or SGD takes a step four times as long. Section 10.
# - [ ] False
#   Each loss is a mean, so a mean seems to come out. But `backward()` adds to the gradient that is there, and nobody divides the sum. Section 10.
#
# **35. "Four times the batch, four times the rate" is the right first guess for Adam as well as for plain SGD.**
#
# - [ ] True
#   The rule became famous as if it were for all, but its reason is that the short steps of SGD add up. Adam divides by the noise, so the square root is the first guess: twice the rate. Section 10.
# - [x] False
#   For Adam it is twice the rate. A larger batch has less noise, so Adam divides by less and its steps do a part of the work. Section 10.

# %% [markdown] tags=["quiz"]
# ## 11 Recipes
#
# [The lesson](11_recipes.ipynb)
#
# **36. The published code of BERT lowers the rate along a cosine.**
#
# - [ ] True
#   A cosine is common for language models, and many tables give it to BERT, too. Its code calls a polynomial decay with power 1, and that is a straight line. Section 11.
# - [x] False
#   After the warmup the rate falls in a straight line to zero. Section 11.
#
# **37. The paper of GPT-2 gives its peak rate and its warmup.**
#
# - [ ] True
#   The figures 2.5e-4 and 2000 steps are repeated so often that they must stand somewhere. They do: they are those of GPT-1. Section 11.
# - [x] False
#   Nothing of it was published: neither rate nor schedule nor warmup. Section 11.
#
# **38. Two warmup-stable-decay schedules, one of 1000 and one of 2000 updates, with the same peak, warmup and cooldown length, have the same rates until the first cooldown starts.**
#
# - [x] True
#   Before the cooldown no rate depends on the length of the run. So one long run, with a checkpoint, can serve every length. Section 11.
# - [ ] False
#   For two cosines you would be right: the length is in all of their rates. Here it decides only when the cooldown starts. Section 11.

# %% [markdown] tags=["quiz"]
# ## 12 Capstone: from a problem to a schedule
#
# [The lesson](12_capstone.ipynb)
#
# **39. Twenty schedules are in truth equally good, and each is tried on three seeds. The one with the highest mean looks, on average, better than it is.**
#
# - [x] True
#   The winner is the one with the luckiest seeds. Fresh seeds, which have chosen nothing, take the luck away. Section 12.
# - [ ] False
#   Each of the twenty means is fair by itself, so the highest of them seems fair, too. But whoever picks the highest picks the luck along with it. Section 12.
#
# **40. A sudden drop of the rate makes the weights overshoot the minimum, and a smooth decay avoids this.**
#
# - [ ] True
#   A jump sounds rough, and a glide gentle. But a lower rate makes the next step shorter, however suddenly it came. What keeps the weights jumping is a rate that is still high near the end. Sections 03 and 12.
# - [x] False
#   A drop only shortens the steps. In the exact computation of section 03 the loss rises at none of them. Sections 03 and 12.

# %% [markdown]
# ## Your score
#
# Whoever tosses a coin gets about twenty, so only the part of your score that lies well above twenty says something about you. And a sentence that surprised you is worth more than the number: read its section, and come back in a week.
#
# - [The map of the course](index.ipynb) leads to every lesson and its exercises.
# - [What you will read, and what is true](../docs/misconceptions.md) has all the beliefs that the course has checked, each with the place that shows it.
# - [Exercise 12.7](../exercises/12_capstone.ipynb) asks ten other sentences, and a check answers.
