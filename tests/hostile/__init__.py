"""
What targets, documents, consoles and machines do to a run on purpose or by accident, and how it ends all the same.

What concerns one part alone is tested with that part: JSON in another coding, with a mark or with members twice in
tests/monitors/test_responses.py, answers that drip in tests/client/test_no_answers.py, settings out of all bounds in
tests/target, targets that tell lies in tests/suite/test_lying_targets.py, pages in tests/browser/test_hostility.py.
"""
