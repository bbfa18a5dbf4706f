"""Records what asyncio.Task does: python3 asyncio_task.py > asyncio_task.histories

One thread and no chance in it: every script of up to four turns is played once. A task awaits a future, which is its mark; it is
resumed, which takes the mark back, or the error is raised there, which is the callback. Thread 0 is the task, thread 1 whoever
cancels.
"""
import asyncio
import itertools
import sys
from collections import Counter

ACTIONS = ["", "cancel", "cancel cancel", "resolve", "resolve cancel", "cancel resolve"]


async def play(script, awaits, swallows, cancels_itself):
    log = []
    loop = asyncio.get_running_loop()
    futures = [loop.create_future() for _ in range(awaits)]
    place = 0

    async def body():
        nonlocal place
        if cancels_itself:
            log.append("0:cancel")
            log.append("0=claimed" if asyncio.current_task().cancel() else "0=not-claimed")
        for number, future in enumerate(futures, 1):
            place = number - 1
            log.extend(["0:mark", "0=marked"])
            try:
                await future
                log.extend(["0:unmark", "0=unmarked"])
            except asyncio.CancelledError:
                log.append(f"0>{number}")
                log.append(f"0<{number}")
                if not swallows:
                    log.extend(["0:complete", "0=completed"])
                    raise
        log.extend(["0:complete", "0=completed"])

    task = asyncio.create_task(body())
    await asyncio.sleep(0)
    for turn in script:
        for action in turn.split():
            if action == "cancel":
                log.append("1:cancel")
                log.append("1=claimed" if task.cancel() else "1=not-claimed")
            elif not futures[place].done():
                futures[place].set_result(None)
        await asyncio.sleep(0)
    # Whoever still waits is let go on, without being canceled.
    for future in futures:
        if not future.done():
            future.set_result(None)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    await asyncio.wait([task])
    return " ".join(log)


def main():
    histories = Counter()
    for length in range(1, 5):
        for script in itertools.product(ACTIONS, repeat=length):
            for awaits, swallows, cancels_itself in itertools.product([1, 2], [False, True], [False, True]):
                histories[asyncio.run(play(script, awaits, swallows, cancels_itself))] += 1
    print(f"# CPython {sys.version.split()[0]}, every script of up to four turns")
    for line, count in sorted(histories.items()):
        print(count, line)


main()
