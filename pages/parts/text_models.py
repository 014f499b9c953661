"""Words of the page Models."""

TEXT = {
    "nav.models": ("Models", "模型"),
    "page.models": ("Models", "模型"),
    "models.intro": (
        "Take a student elsewhere: as a Hugging Face folder or a GGUF file, with its card.",
        "把学生带到别处：导出成 Hugging Face 文件夹或 GGUF 文件，并附上模型卡。",
    ),
    "models.no_student": (
        "There is no student yet. Distil one first, or let the tour do it.",
        "还没有学生。请先蒸馏一个，也可以交给导览。",
    ),
    "models.to_distil": ("Go to Distil", "前往蒸馏"),
    "models.to_tour": ("Open the tour", "打开导览"),
    "models.card": (
        "Began as {base} · {weights} weights · graph {graph} · teacher {teacher}",
        "起点 {base} · {weights} 个权重 · 图谱 {graph} · 教师 {teacher}",
    ),
    "models.not_scored": (
        "It was not evaluated yet, and its card will say so.",
        "它还没有经过评估，模型卡上也会这样写。",
    ),
    "models.column.questions": ("Questions", "问题集"),
    "models.column.split": ("Split", "数据划分"),
    "models.column.decoding": ("Decoding", "解码方式"),
    "models.column.hits_at_1": ("Hits@1", "Hits@1"),
    "models.column.f1": ("F1", "F1"),
    "models.column.path_exact_match": ("Exact path", "路径完全一致"),
    "models.column.path_validity": ("Valid paths", "有效路径"),
    "models.column.file": ("File", "文件"),
    "models.column.size": ("Size", "大小"),
    "models.use": ("Use it from Python", "在 Python 中使用"),
    "models.export": ("Export it", "导出"),
    "models.start": ("Export", "导出"),
    "models.running": ("Exporting {name}", "正在导出 {name}"),
    "models.done": ("{name} is exported.", "{name} 已导出。"),
    "models.in_folder": (
        "It stands in the folder that was named in the terminal.",
        "它在终端里指定的文件夹中。",
    ),
    "models.deleted": ("The export was deleted since.", "这份导出已被删除。"),
    "models.download": ("Download ({size})", "下载（{size}）"),
    "models.kept": ("Exports that are kept here", "保存在这里的导出"),
    "models.delete_sure": (
        "Delete the export **{name}** for good? The student stays.",
        "确定要永久删除导出 **{name}** 吗？学生会保留。",
    ),
    "models.example": ("What it says to the example of its card", "它对模型卡中例题的回答"),
    "models.back": ("Back to the students", "返回学生列表"),
}
