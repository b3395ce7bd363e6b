"""Runs a program several times; prints the shortest wall time and the most memory any run had, in seconds and bytes.

Usage: measure.py RUNS PROGRAM [ARGUMENT...]. What the program prints is thrown away; that it fails ends this.
"""

import json
import resource
import subprocess
import sys
import time

times = []
for _ in range(int(sys.argv[1])):
    began = time.perf_counter()
    subprocess.check_call(sys.argv[2:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    times.append(time.perf_counter() - began)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
processor = (used.ru_utime + used.ru_stime) / len(times)
print(json.dumps({"wall": min(times), "processor": processor, "peak": used.ru_maxrss * 1024}))
