"""Words of the page Ask."""

TEXT = {
    "ask.subtitle": (
        "Put a question to a student. It answers with its path, and every step of the path is "
        "checked against the graph.",
        "向学生提问。它会连同路径一起回答，路径的每一步都与图谱核对。",
    ),
    "ask.no_student": (
        "There is no student to ask yet. The tour makes one from the sample graph in a few "
        "minutes.",
        "还没有可以提问的学生。导览会用示例图谱做出一个，只要几分钟。",
    ),
    "ask.to_distil": ("Distil one yourself", "自己蒸馏一个"),
    "ask.student": ("Student", "学生"),
    "ask.decoding": ("Decoding", "解码"),
    "ask.decoding_help": (
        "Constrained: the student can only speak paths that exist, so every step is in the graph. "
        "Free: it speaks as it likes and is checked afterwards; this shows what it would invent.",
        "受限：学生只能说出图中存在的路径，每一步都有据可查。"
        "自由：想说什么就说什么，说完再核对，能看出它会编造什么。",
    ),
    "ask.decoding.constrained": ("Constrained", "受限"),
    "ask.decoding.free": ("Free", "自由"),
    "ask.question": ("Your question", "你的问题"),
    "ask.placeholder": (
        "What is Joe Biden's nationality?",
        "乔·拜登的国籍是什么？",
    ),
    "ask.submit": ("Ask", "提问"),
    "ask.try": ("Try", "试试"),
    "ask.biden_en": ("What is Joe Biden's nationality?", "What is Joe Biden's nationality?"),
    "ask.biden_zh": ("乔·拜登的国籍是什么？", "乔·拜登的国籍是什么？"),
    "ask.random": ("A random test question", "随机一道测试题"),
    "ask.welcome": (
        "Type a question in English or Chinese, or take one of the examples.",
        "用中文或英文输入问题，也可以点一个例子。",
    ),
    # The answer
    "ask.supported": ("the path is in the graph", "路径在图谱中"),
    "ask.unsupported": ("the path is not in the graph", "路径不在图谱中"),
    "ask.unsupported_long": (
        "The path that the student claims is not in the graph. The marks below show where it "
        "leaves it; do not rely on this answer.",
        "学生给出的路径在图谱中不成立。下方标出了在哪一步脱离图谱，请不要采信这个答案。",
    ),
    "ask.no_answer": (
        "The student gave no answer whose path is in the graph.",
        "学生没有给出图谱支持的答案。",
    ),
    "ask.no_answer_help": (
        "Ask in other words, choose what the question is about, or ask another student.",
        "换个说法，指明问题的主题，或者换一个学生试试。",
    ),
    "ask.probability": ("{share} likely", "可能性 {share}"),
    "ask.probability_help": (
        "How likely the student holds this to be an answer: the paths that lead to it, added up.",
        "学生认为它是答案的可能性：通向它的各条路径概率之和。",
    ),
    "ask.topic": ("About {topic}, {match}.", "主题：{topic}（{match}）。"),
    "ask.match.exact": ("found by its name", "按名称找到"),
    "ask.match.alias": ("found by another of its names", "按别名找到"),
    "ask.match.vector": ("the nearest in spelling", "按相近写法找到"),
    "ask.match.given": ("as you chose", "由你指定"),
    "ask.which": ("Which {name} do you mean?", "你指的是哪一个{name}？"),
    "ask.which_other": ("What is the question about?", "问题的主题是？"),
    "ask.seconds": ("Answered by {student} in {seconds} s.", "{student} 用 {seconds} 秒作答。"),
    "ask.path": ("How it got there", "怎么得到的"),
    "ask.path_share": ("{share} of all its paths", "占全部路径的 {share}"),
    "ask.reaches": ("leads to {count}: {names}", "通往 {count} 个：{names}"),
    "ask.other_paths": ("Other paths it considered", "考虑过的其他路径"),
    "ask.other_answers": ("Other answers", "其他答案"),
    "ask.column.answer": ("Answer", "答案"),
    "ask.column.id": ("Id", "标识"),
    "ask.column.probability": ("Probability", "可能性"),
    "ask.choose_topic": ("Say what the question is about", "指明问题的主题"),
    "ask.choose_topic_help": (
        "Search the graph and choose an entity; the same question is then asked about it.",
        "在图谱里搜索并选择一个实体，然后就它再问一遍同样的问题。",
    ),
    "ask.history": ("Asked before", "之前的提问"),
    "ask.clear": ("Forget them", "清空记录"),
}
