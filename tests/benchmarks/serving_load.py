"""A student that is served, asked by many clients at once and then by one, each question once.

    python -m core serve demo-student &
    python -m tests.benchmarks.serving_load demo-student http://127.0.0.1:8600 200

An answer is crossed where it is to another question than was asked, lost where there is none.
"""

import asyncio
import sys
import time
from collections import Counter

import httpx2

from core.questions.question_sets import QuestionSet
from core.workspace import Workspace

ALONE = 50
PATIENCE = 600


def questions(student):
    """The texts of the student's own test questions, each once."""
    space = Workspace()
    name = space.read("students", student, "card.json")["questions"]
    asked = QuestionSet.open(space.open("questions", name)).questions
    return list(dict.fromkeys(q.text for q in asked if q.split == "test"))


async def ask(web, student, question):
    """Status, seconds, and whether the answer is to another question."""
    began = time.perf_counter()
    message = {"role": "user", "content": question}
    try:
        answer = await web.post(
            "/v1/chat/completions", json={"model": student, "messages": [message]}
        )
    except httpx2.HTTPError as error:
        return type(error).__name__, time.perf_counter() - began, False
    seconds = time.perf_counter() - began
    crossed = answer.status_code == 200 and answer.json()["pathdistill"]["question"] != question
    return answer.status_code, seconds, crossed


def share(seconds, part):
    return sorted(seconds)[min(len(seconds) - 1, int(part * len(seconds)))]


async def main(student, url, clients):
    texts = questions(student)
    limits = httpx2.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx2.AsyncClient(base_url=url, timeout=PATIENCE, limits=limits) as web:
        alone = [await ask(web, student, text) for text in texts[:ALONE]]
        began = time.perf_counter()
        many = [texts[number % len(texts)] for number in range(clients)]
        together = await asyncio.gather(*(ask(web, student, text) for text in many))
        whole = time.perf_counter() - began
    one = [seconds for _, seconds, _ in alone]
    print(f"one by one ({len(one)}): p50 {share(one, 0.5):.3f} s, p99 {share(one, 0.99):.3f} s")
    took = [seconds for _, seconds, _ in together]
    half, most = share(took, 0.5), share(took, 0.99)
    statuses = Counter(status for status, _, _ in together)
    told = ", ".join(f"{count} x {status}" for status, count in statuses.items())
    print(f"{clients} at once: {told}; crossed {sum(crossed for _, _, crossed in together)}")
    print(f"{clients / whole:.1f} a second, p50 {half:.2f} s, p99 {most:.2f} s")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
