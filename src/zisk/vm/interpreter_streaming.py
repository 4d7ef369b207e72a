"""A store that leaves the caches alone, for what is written once and read much later.

An ordinary store first reads the cache line that it writes to, which for rows of a segment, more than the
caches hold, doubles the traffic and waits for memory.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types

from zisk.kernels.intrinsics import emitted


@emitted
def stream(_typing_context: Any, array: Any, index: Any, value: Any) -> Any:
    """Set array[index] of a C-contiguous array; a line's words are to be written one after another.

    Another thread sees the word once it has been told of it by a lock or a queue, like any other.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        target, position, word = arguments
        data = context.make_array(signature.args[0])(context, builder, target).data
        store = builder.store(word, builder.gep(data, [position]))
        store.set_metadata("nontemporal", builder.module.add_metadata([ir.Constant(ir.IntType(32), 1)]))
        return context.get_dummy_value()

    return types.void(array, index, value), emit
