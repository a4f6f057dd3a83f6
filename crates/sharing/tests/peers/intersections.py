"""How many members two sets have in common, by openmined-psi: a line of two JSON lists in, a number out."""

import json
import sys

import private_set_intersection.python as psi

# A false positive once in 10^12 queries: none in a test.
FALSE_POSITIVES = 1e-12

for line in sys.stdin:
    ours, theirs = json.loads(line)
    client = psi.client.CreateWithNewKey(False)
    server = psi.server.CreateWithNewKey(False)
    setup = server.CreateSetupMessage(FALSE_POSITIVES, len(ours), theirs, psi.DataStructure.RAW)
    answer = server.ProcessRequest(client.CreateRequest(ours))
    print(client.GetIntersectionSize(setup, answer), flush=True)
