"""Words of the pages Distil and Soft labels."""

TEXT = {
    "distil.intro": (
        "A small language model learns to say the teacher's paths, and how sure the teacher is "
        "of each.",
        "让一个小语言模型学会说出教师的路径，也学会教师对每条路径有多大把握。",
    ),
    "distil.no_teacher": (
        "Distilling needs a teacher. Train one first, or let the tour do it.",
        "蒸馏需要一位教师。请先训练一位，也可以交给导览。",
    ),
    "distil.to_teacher": ("Go to Teacher", "前往教师"),
    "distil.to_tour": ("Open the tour", "打开导览"),
    "distil.loss": ("What the student learns", "学生学什么"),
    "distil.loss_hard": (
        "**Hard**: the gold path, said word by word.",
        "**硬损失**：一个词一个词地说出标准路径。",
    ),
    "distil.loss_soft": (
        "**Soft**: the teacher's probability of every path, at temperature T.",
        "**软损失**：教师给每条路径的概率，以温度 T 软化。",
    ),
    "distil.loss_alpha": ("Share of each at alpha {alpha}", "Alpha 为 {alpha} 时各占的比例"),
    "distil.share_hard": ("gold paths", "标准路径"),
    "distil.share_soft": ("soft labels", "软标签"),
    "distil.softening": (
        "The teacher's 0.58 / 0.31 / 0.11 at temperature {temperature}",
        "教师的 0.58 / 0.31 / 0.11 在温度 {temperature} 下的样子",
    ),
    "distil.path": ("path {number}", "路径 {number}"),
    "distil.start": ("Distil", "开始蒸馏"),
    "distil.another": ("Distil another", "再蒸馏一个"),
    "distil.running": ("Distilling {name}", "正在蒸馏 {name}"),
    "distil.done": ("{name} has finished learning.", "{name} 学完了。"),
    "distil.parameters": ("Parameters", "参数量"),
    "distil.steps": ("Steps", "步数"),
    "distil.took": ("Took", "用时"),
    "distil.to_ask": ("Ask it something", "向它提问"),
    "distil.to_soft": ("Compare it with its teacher", "与教师对比"),
    "distil.recent": ("Earlier distillations", "之前的蒸馏"),
    "distil.size": (
        "{questions} training questions, {steps} steps of {batch}.",
        "{questions} 道训练题，共 {steps} 步，每步 {batch} 题。",
    ),
    "size.memory": (
        "{parameters} weights, {learning} of which learn: about {memory} GB of memory, "
        "{free} GB are free.",
        "共 {parameters} 个权重，其中 {learning} 个参与学习：约需 {memory} GB 内存，"
        "现有 {free} GB 空闲。",
    ),
    "size.missing": (
        "{missing} GB are missing: learn through LoRA, turn on gradient checkpointing, or take a "
        "smaller batch or student.",
        "还缺 {missing} GB：可改用 LoRA、打开梯度检查点，或换更小的批次或学生。",
    ),
    "size.time": (
        "About {time}; the first steps will tell more exactly.",
        "大约 {time}；开始几步之后会更准。",
    ),
    "size.later": ("a time that the first steps will tell", "要等开始几步之后才知道"),
    "size.unknown": (
        "How large this student is shows once it is downloaded.",
        "下载之后才知道这名学生有多大。",
    ),
    "controls.validity": (
        "How much staying inside the graph counts from now on.",
        "从现在起，“留在图谱内”占多大分量。",
    ),
    "controls.beta": (
        "0 is the forward KL, 1 the reverse KL.",
        "0 为前向 KL，1 为反向 KL。",
    ),
    "controls.evaluate": ("Score it now", "现在评分"),
    "controls.evaluate_help": (
        "Measures the student on dev questions at once, besides the ten times of each run.",
        "立即用开发集问题评估学生；除此之外每次运行会自动评估十次。",
    ),
    "controls.checkpoint": ("Checkpoint", "存检查点"),
    "controls.checkpoint_help": (
        "Writes a checkpoint that stays, to begin another run from it with other settings.",
        "写一个长期保留的检查点，之后可以换一些设置、从这里开始另一次运行。",
    ),
    "controls.keep": ("Stop and keep", "停下并保留"),
    "controls.keep_help": (
        "Ends the run after the next step; the student stays as it then is.",
        "下一步之后结束运行，学生就保留当时的样子。",
    ),
    # --- soft labels ------------------------------------------------------------------------------
    "soft.intro": (
        "Teacher and student answer the same question. What did the student take over, and what "
        "not?",
        "教师和学生回答同一个问题：学生学到了什么，又漏掉了什么？",
    ),
    "soft.no_student": (
        "There is no student yet. Distil one first, or let the tour do it.",
        "还没有学生。请先蒸馏一个，也可以交给导览。",
    ),
    "soft.to_distil": ("Go to Distil", "前往蒸馏"),
    "soft.to_tour": ("Open the tour", "打开导览"),
    "soft.choose": ("Student", "学生"),
    "soft.ask_first": (
        "Choose an example or type a question to compare the two.",
        "选一个例子或输入一个问题，就能对比两者。",
    ),
    "soft.teacher": ("Teacher", "教师"),
    "soft.student": ("Student", "学生"),
    "soft.paths": ("Paths", "路径"),
    "soft.choices": ("What next?", "下一步怎么走？"),
    "soft.place": ("Place in the tree", "树中的位置"),
    "soft.root": ("at the start", "在起点"),
    "soft.stop": ("stop here", "停在这里"),
    "soft.temperature": ("Temperature T", "温度 T"),
    "soft.temperature_help": (
        "Above 1 both get less sure and small probabilities show; below 1 both get surer. 1 is "
        "what "
        "they really say.",
        "大于 1 时两者都更犹豫，小概率显现出来；小于 1 时都更笃定。1 是它们真实的说法。",
    ),
    "soft.kl": ("KL of the choices at T", "温度 T 下选择的 KL"),
    "soft.kl_help": (
        "How far the student's choices are from the teacher's at this temperature, in nats; 0 "
        "means "
        "alike.",
        "在这个温度下，学生的选择与教师相差多远（单位 nat）；0 表示完全一致。",
    ),
    "soft.kl_path": ("KL of the paths", "路径的 KL"),
    "soft.kl_path_help": (
        "How far apart the two distributions over whole paths are at T = 1; mass outside the graph "
        "counts against the student.",
        "T = 1 时，两者在整条路径上的分布相差多远；学生落在图谱之外的部分也会计入。",
    ),
    "soft.doubt_teacher": ("Doubt of the teacher (bits)", "教师的犹豫（比特）"),
    "soft.doubt_teacher_help": (
        "Entropy of its distribution over paths at T; 0 bits: sure of one path.",
        "温度 T 下路径分布的熵；0 比特表示只认定一条路径。",
    ),
    "soft.doubt_student": ("Doubt of the student (bits)", "学生的犹豫（比特）"),
    "soft.doubt_student_help": (
        "Entropy of its distribution over paths at T; 0 bits: sure of one path.",
        "温度 T 下路径分布的熵；0 比特表示只认定一条路径。",
    ),
    "soft.off_graph": ("Outside the graph", "图谱之外"),
    "soft.off_graph_help": (
        "How much the student would say that no path of the graph says.",
        "学生会说、但图谱里没有的部分占多少。",
    ),
    "soft.rest": ("Not shown", "未显示"),
    "soft.rest_help": (
        "How much of the teacher's mass lies on paths that are not listed here.",
        "教师的概率有多少落在这里没有列出的路径上。",
    ),
    "soft.tree": ("Both on one tree", "同一棵树上的两者"),
    "soft.tree_help": (
        "Solid blue: teacher. Dashed orange: student. The wider the line, the more mass goes "
        "there.",
        "蓝色实线：教师；橙色虚线：学生。线越粗，走这条路的概率越大。",
    ),
    "soft.table": ("Every choice in numbers", "每个选择的数字"),
    "soft.column.teacher_choice": ("Teacher: choice", "教师：选择"),
    "soft.column.student_choice": ("Student: choice", "学生：选择"),
    "soft.column.teacher_mass": ("Teacher: mass", "教师：质量"),
    "soft.column.student_mass": ("Student: mass", "学生：质量"),
}
