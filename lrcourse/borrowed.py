"""To try something out on somebody's model, and give everything back bit by bit.

A range test and its like train the model of a user for a while. Afterwards the training must go
on as if nothing had been: the same weights, moments, rates and random numbers, to the last bit,
whatever happened in between. The only file that knows where a training keeps its state.
"""

import copy
import random
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial, singledispatch
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.optim import Optimizer
from torch.utils.data import DataLoader, Sampler

from lrcourse.schedules.units import shown

GENERATORS = (torch.Generator, np.random.Generator, np.random.RandomState, random.Random)


class WayBack(NamedTuple):
    """`put_back()` makes one thing what it was. It can be called more than once."""

    put_back: Callable[[], Any]
    is_luck: bool = False  # the state of a generator, or of a stream of data


class Loan:
    """What was lent, and the ways back. Made by `borrowed`."""

    def __init__(self, ways_back: list[WayBack]) -> None:
        self._ways_back = ways_back

    def reset(self) -> None:
        """Back to the first model and optimizer; random states and data go on from here."""
        for way in self._ways_back:
            if not way.is_luck:
                way.put_back()

    def give_back(self) -> None:
        """Back to the start of everything; last of all the random numbers that others may draw."""
        for way in reversed(self._ways_back):
            way.put_back()


@contextmanager
def borrowed(model: nn.Module, optimizer: Optimizer | None = None, *also: Any) -> Iterator[Loan]:
    """`with borrowed(model, optimizer) as loan:` what is done inside is undone at its end.

    Also where the block ends with an exception or with Ctrl+C. Given back, bit by bit and in
    the same objects: parameters, gradients and `requires_grad`; buffers, also where `forward`
    puts new tensors in their place; the mode of each submodule; the state and the groups of the
    optimizer, and what it created is forgotten. Attributes of modules and of the optimizer too:
    tensors, numbers, NumPy arrays and generators, alone or in dicts, lists, tuples and sets.
    Python, NumPy and torch draw the same random numbers as without the block, on every device.

    `also` is for further state: a generator of any of the three, a module, an optimizer, a
    DataLoader (the attributes and generators of its samplers and its dataset), or anything with
    `state_dict` and `load_state_dict`, such as a GradScaler. Refused: what has no state.

    The copy takes as much memory as the model, its gradients and the optimizer's state, on the
    same device. Not kept: the inside of other objects that a module holds, the workers of a
    DataLoader, files, and iterators, which nobody can turn back. A graph made before the block
    can no longer be followed backwards once the block has updated its weights.
    """
    loan = Loan(_all_ways_back(model, optimizer, also))
    try:
        yield loan
    finally:
        try:
            with ctrl_c_later():
                loan.give_back()
        except KeyboardInterrupt:
            with ctrl_c_later():  # it may have come before the guard stood
                loan.give_back()
            raise


@contextmanager
def ctrl_c_later() -> Iterator[None]:
    """A Ctrl+C inside waits for the end. Python allows that in the main thread only."""
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield
        return
    pressed: list[Any] = []
    signal.signal(signal.SIGINT, lambda *event: pressed.append(event))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if pressed:
            usual(*pressed[0])


def _all_ways_back(model: Any, optimizer: Any, also: Iterable[Any]) -> list[WayBack]:
    if not isinstance(model, nn.Module):
        raise ValueError(f"borrowed: model must be a torch.nn.Module, got {shown(model)}")
    if not isinstance(optimizer, Optimizer | None):
        raise ValueError(
            f"borrowed: optimizer must be a torch optimizer or None, got {shown(optimizer)}"
        )
    if any(map(is_lazy, (*model.parameters(), *model.buffers()))):
        raise ValueError(
            "borrowed: the model has parameters without a shape; call it once on a batch first"
        )
    found = list(_random_states())  # first: to ask a loader for its state can draw a number
    seen: dict[Any, Any] = {}
    found += _ways_back_of(model, seen)
    found += _ways_back_of(optimizer, seen)
    for thing in also:
        found += _further(thing, seen)
    return found


def _further(thing: Any, seen: dict[Any, Any]) -> Iterator[WayBack]:
    """The ways back of one thing of `also`, or the sentence that it has none."""
    if hasattr(thing, "load_state_dict") and not isinstance(thing, nn.Module | Optimizer):
        state = copy.deepcopy(thing.state_dict())
        yield WayBack(lambda: thing.load_state_dict(copy.deepcopy(state)), is_luck=True)
    elif not isinstance(thing, (nn.Module, Optimizer, DataLoader, *GENERATORS)):
        raise ValueError(
            f"borrowed: {shown(thing)} has no state that could be kept; give a generator, a "
            f"DataLoader, or something with state_dict and load_state_dict"
        )
    yield from _ways_back_of(thing, seen)


# From a thing to the ways back, from simple to composed ------------------------------------------


def _random_states() -> Iterator[WayBack]:
    """Of Python, NumPy and torch, on every device that is in use."""
    numpy_state: Any = np.random.get_state(legacy=False)  # noqa: NPY002  the user's, not ours
    yield WayBack(partial(random.setstate, random.getstate()), is_luck=True)
    yield WayBack(partial(np.random.set_state, numpy_state), is_luck=True)
    yield WayBack(partial(torch.set_rng_state, torch.get_rng_state()), is_luck=True)
    if torch.cuda.is_initialized():
        states = torch.cuda.get_rng_state_all()
        yield WayBack(partial(torch.cuda.set_rng_state_all, states), is_luck=True)
    if torch.backends.mps.is_available():
        yield WayBack(partial(torch.mps.set_rng_state, torch.mps.get_rng_state()), is_luck=True)


def _ways_back_of(thing: Any, seen: dict[Any, Any]) -> Iterator[WayBack]:
    """The ways back of all that can be reached from `thing`, each thing once."""
    if id(thing) not in seen:
        seen[id(thing)] = thing  # kept alive, or its id could be another's
        yield from _reached(thing, seen)


@singledispatch
def _reached(thing: Any, seen: dict[Any, Any]) -> Iterator[WayBack]:
    """Numbers, texts and functions do not change. Other objects are not looked into."""
    yield from ()


@_reached.register(torch.Generator)
def _of_torch_generator(generator: Any, seen: dict[Any, Any]) -> Iterator[WayBack]:
    yield WayBack(partial(generator.set_state, generator.get_state()), is_luck=True)


@_reached.register(np.random.Generator)
def _of_numpy_generator(generator: Any, seen: dict[Any, Any]) -> Iterator[WayBack]:
    bits = generator.bit_generator
    yield WayBack(partial(setattr, bits, "state", copy.deepcopy(bits.state)), is_luck=True)


@_reached.register(np.random.RandomState)
def _of_random_state(generator: Any, seen: dict[Any, Any]) -> Iterator[WayBack]:
    yield WayBack(partial(generator.set_state, generator.get_state(legacy=False)), is_luck=True)


@_reached.register(random.Random)
def _of_python_generator(generator: Any, seen: dict[Any, Any]) -> Iterator[WayBack]:
    yield WayBack(partial(generator.setstate, generator.getstate()), is_luck=True)


@_reached.register(np.ndarray)
def _of_array(array: Any, seen: dict[Any, Any]) -> Iterator[WayBack]:
    if array.flags.writeable:
        yield WayBack(partial(np.copyto, array, array.copy()))


@_reached.register(Tensor)
def _of_tensor(tensor: Any, seen: dict[Any, Any]) -> Iterator[WayBack]:
    """Its numbers, in the memory where they lie; for a leaf, its gradient too."""
    yield from (_numbers_in_memory if tensor.layout is torch.strided else _numbers)(tensor, seen)
    if not tensor.is_leaf:
        return
    yield WayBack(partial(tensor.requires_grad_, tensor.requires_grad))
    yield WayBack(partial(setattr, tensor, "grad", tensor.grad))
    yield from _ways_back_of(tensor.grad, seen)


def _numbers(tensor: Tensor, seen: dict[Any, Any]) -> Iterator[WayBack]:
    """Of a sparse tensor, which has no memory of its own."""
    numbers = tensor.detach().clone()

    def put_back() -> None:
        with torch.no_grad():
            tensor.copy_(numbers)

    yield WayBack(put_back)


def _numbers_in_memory(tensor: Tensor, seen: dict[Any, Any]) -> Iterator[WayBack]:
    """The place of the numbers, and their bits; tensors that share a memory have one copy."""
    place = tensor.detach()
    yield WayBack(partial(setattr, tensor, "data", place))
    memory = place.untyped_storage()
    where = place.device, memory.data_ptr()
    if where not in seen:
        seen[where] = memory
        yield WayBack(partial(_copy_bits, memory, memory.clone()))


def _copy_bits(memory: torch.UntypedStorage, bits: torch.UntypedStorage) -> None:
    if memory.nbytes() != bits.nbytes():
        memory.resize_(bits.nbytes())
    memory.copy_(bits)


@_reached.register(tuple)
def _of_tuple(members: Any, seen: dict[Any, Any]) -> Iterator[WayBack]:
    for member in members:
        yield from _ways_back_of(member, seen)


@_reached.register(list)
@_reached.register(deque)
def _of_list(members: Any, seen: dict[Any, Any]) -> Iterator[WayBack]:
    yield _refilling(members, members.extend)
    yield from _of_tuple(tuple(members), seen)


@_reached.register(set)
def _of_set(members: Any, seen: dict[Any, Any]) -> Iterator[WayBack]:
    yield _refilling(members, members.update)
    yield from _of_tuple(tuple(members), seen)


@_reached.register(dict)
def _of_dict(named: Any, seen: dict[Any, Any]) -> Iterator[WayBack]:
    yield _refilling(named, named.update)
    yield from _of_tuple(tuple(named.values()), seen)


def _refilling(container: Any, fill: Callable[[Any], Any]) -> WayBack:
    """The same members again, in the same order, in the same container."""
    members = copy.copy(container)

    def put_back() -> None:
        container.clear()
        fill(members)

    return WayBack(put_back)


@_reached.register(nn.Module)
def _of_module(module: Any, seen: dict[Any, Any]) -> Iterator[WayBack]:
    """torch keeps parameters, buffers, submodules, hooks and the mode as attributes."""
    yield from _ways_back_of(vars(module), seen)
    yield from _of_tuple((*module.parameters(), *module.buffers()), seen)  # of a ScriptModule
    if type(module).get_extra_state is not nn.Module.get_extra_state:
        extra = copy.deepcopy(module.get_extra_state())
        yield WayBack(lambda: module.set_extra_state(copy.deepcopy(extra)))


@_reached.register(Optimizer)
def _of_optimizer(optimizer: Any, seen: dict[Any, Any]) -> Iterator[WayBack]:
    """The groups stay the same dicts: schedulers hold them."""
    yield from _ways_back_of(vars(optimizer), seen)


@_reached.register(DataLoader)
def _of_loader(loader: Any, seen: dict[Any, Any]) -> Iterator[WayBack]:
    """The order of the data to come; the data themselves are taken to be constant."""
    yield from _ways_back_of(loader.generator, seen)
    batch_sampler = loader.batch_sampler
    for thing in (loader.sampler, batch_sampler, getattr(batch_sampler, "sampler", None)):
        yield from _attributes(thing, seen)
    yield from _attributes(loader.dataset, seen)


def _attributes(thing: Any, seen: dict[Any, Any]) -> Iterator[WayBack]:
    """What its attributes hold, and the generators among them; not the inside of lists."""
    attributes = getattr(thing, "__dict__", {})
    yield WayBack(_refilling(attributes, attributes.update).put_back, is_luck=True)
    for value in tuple(attributes.values()):
        if isinstance(value, GENERATORS):
            yield from _ways_back_of(value, seen)
        elif isinstance(value, Sampler) and id(value) not in seen:
            seen[id(value)] = value
            yield from _attributes(value, seen)
