"""Names and help of every setting; the English help is what the settings say themselves."""

from core import settings
from core.settings import Settings

_NAMES = {
    "adapter": ("Adapter alone", "只导出适配器"),
    "alpha": ("Alpha", "Alpha（信任标准路径的程度）"),
    "alpha_end": ("Alpha at the end", "结束时的 Alpha"),
    "batch_size": ("Batch size", "批大小"),
    "beta_end": ("Beta at the end", "结束时的 Beta"),
    "beta": ("Beta (of the JSD)", "Beta（JSD 的位置）"),
    "beams": ("Paths considered", "考虑的路径数"),
    "branch": ("Begin from the checkpoint", "从哪个检查点开始"),
    "checkpoint_seconds": ("Seconds between checkpoints", "检查点的间隔（秒）"),
    "confidence": ("Confidence asked for", "要求的置信度"),
    "count": ("Questions per language", "每种语言的问题数"),
    "decoding": ("Decoding", "解码方式"),
    "embedder": ("Text encoder", "文本编码器"),
    "device": ("Device", "计算设备"),
    "directions": ("Directions", "关系方向"),
    "divergence": ("Divergence", "散度"),
    "encoder": ("Pretrained text encoder", "预训练文本编码器"),
    "epochs": ("Epochs", "训练轮数"),
    "files": ("Files", "文件"),
    "format": ("Format", "格式"),
    "gold_share": ("Share of gold paths", "使用标准路径的比例"),
    "gradient_checkpointing": ("Gradient checkpointing", "梯度检查点"),
    "graph": ("Graph", "图谱"),
    "hops": ("Hops", "跳数"),
    "judged": ("Questions to calibrate on", "校准所用题数"),
    "keep": ("Paths kept", "保留的路径数"),
    "kind": ("Kind of labels", "标签种类"),
    "labels": ("Soft labels", "软标签"),
    "languages": ("Languages", "语言"),
    "largest": ("Largest tree", "每题最多路径数"),
    "learning_rate": ("Learning rate", "学习率"),
    "learning_rate_schedule": ("Fall of the learning rate", "学习率的下降方式"),
    "licence": ("Licence", "许可证"),
    "limit": ("At most", "最多评估题数"),
    "lora_rank": ("LoRA rank", "LoRA 秩"),
    "message_passing": ("Rounds of message passing", "消息传递轮数"),
    "model": ("Model", "模型"),
    "name": ("Name", "名称"),
    "on_policy": ("Share of the student's own paths", "学生自己说的路径的比例"),
    "paths": ("Paths a step", "每步的路径"),
    "objective": ("Objective", "目标函数"),
    "patience": ("Patience", "耐心（次）"),
    "dtype": ("Number format", "数值格式"),
    "question": ("Question", "问题"),
    "phrases": ("Phrases", "说法表"),
    "precision": ("Wanted precision", "要求的准确率"),
    "processes": ("Processes", "进程数"),
    "questions": ("Questions", "问题集"),
    "replace": ("Overwrite", "覆盖同名结果"),
    "replay": ("Take the course of", "重走哪次的进程"),
    "schedule": ("Way to the end values", "走向终值的方式"),
    "search": ("Search", "搜索方式"),
    "seed": ("Seed", "随机种子"),
    "skew": ("Skew", "偏斜"),
    "split": ("Split", "数据划分"),
    "split_file": ("Split file", "划分文件"),
    "student": ("Student", "学生"),
    "supervision": ("Supervision", "监督方式"),
    "teacher": ("Teacher", "教师"),
    "teachers": ("Teachers", "多位教师"),
    "targets": ("Cut of the labels", "标签的取法"),
    "teacher_share": ("Share of labels", "使用标签的比例"),
    "temperature": ("Temperature", "温度 T"),
    "temperature_end": ("Temperature at the end", "结束时的温度 T"),
    "top": ("Paths that top keeps", "top 保留的路径数"),
    "to": ("Folder", "文件夹"),
    "topic": ("Topic entity", "主题实体"),
    "validity": ("Staying inside the graph (λ)", "留在图谱内的权重（λ）"),
    "weights": ("Weights", "权重"),
    "width": ("Width", "隐藏层宽度"),
    "with_graph": ("With the graph", "附上图谱"),
    "withheld": ("Withheld paths", "隐去路径的比例"),
    "also": ("Further topics", "其他主题"),
    "without_edges": ("Facts left out", "去掉的事实"),
    "without_entities": ("Entities left out", "去掉的实体"),
    "without_words": ("Words left out", "去掉的词"),
}

_SEED = "让结果可以重现的随机种子。"
_DEVICE = "在哪里计算；auto 表示有 GPU 就用 GPU。"
_TOPIC = "问题所问的实体编号；留空则从问题文字中查找。"
_QUESTION = "中文或英文的问题。"
_QUESTIONS = "问题集；留空则用它学习时的那一套。"
_KIND = (
    "prior：只看问题的路径概率；posterior：已知答案后的路径概率；"
    "uniform：通往答案的最短路径一视同仁（作为对照）。"
)

CHINESE_HELP = {
    "GraphImport": {
        "name": "给这个图谱起的名称。",
        "files": "三元组（头、关系、尾）文件，也可附上实体或关系的名称表；支持 TSV、CSV 或用 | "
        "分隔的文本。",
        "replace": "覆盖同名的图谱。",
    },
    "QuestionImport": {
        "name": "给这套问题起的名称。",
        "graph": "这些问题所问的图谱。",
        "files": "一个或多个同一格式的文件。",
        "format": "文件的格式。",
        "split": "grouped：同一路径的不同问法放在一起，训练时绝不会见到测试题；random：逐题随机；"
        "given：按文件所写。",
        "split_file": "一个 JSON 文件，把题号对应到 train、dev 或 test。",
        "seed": "划分所用的随机种子。",
        "replace": "覆盖同名的问题集。",
    },
    "QuestionGeneration": {
        "name": "给这套问题起的名称。",
        "graph": "就哪个图谱提问。",
        "count": "每种语言生成多少问题。",
        "hops": "所问路径的最大长度。",
        "languages": "生成哪些语言的问题。",
        "phrases": "关系路径的自然说法表（路径、语言、说法）；留空则直接用关系的名称。",
        "withheld": "有多大比例的问题不给标准路径，只给答案。",
        "seed": "选题、措辞与划分所用的随机种子。",
        "replace": "覆盖同名的问题集。",
    },
    "TeacherTraining": {
        "name": "给这位教师起的名称。",
        "graph": "在哪个图谱上推理。",
        "questions": "从哪套问题学习。",
        "supervision": "answers：只用已知答案；paths：只用标准路径；both：有标准路径就用路径，"
        "没有就用答案。",
        "hops": "路径的最大长度；留空则取能到达答案的最少跳数。",
        "directions": "关系能否反向走；auto：只有正向走不到答案时才反向。",
        "width": "教师隐藏状态的大小。",
        "message_passing": "消息传递的轮数：教师能看到路径前方多少跳；0 为不传递。",
        "encoder": "用来读词的预训练文本编码器；留空则不用。all-MiniLM-L6-v2 从软件包索引获取"
        "（84 MB）；也可填 sentence-transformers 模型的 Hugging Face 名称，在终端里还可填文件夹。"
        "它的向量会存在磁盘上。",
        "precision": "有把握的答案中应有多大比例是对的；由此定出多大的把握才算有把握。",
        "largest": "训练时每个问题最多看多少条路径；再多则留下关系与问题相似的。",
        "epochs": "最多把数据学多少遍。",
        "patience": "每 60 步看一次开发集；成绩连续这么多次没有变好就停下。",
        "batch_size": "每一步看多少道题。",
        "learning_rate": "AdamW 的最大步长。",
        "seed": "初始权重与数据顺序的随机种子。",
        "device": _DEVICE,
        "replace": "覆盖同名的教师。",
    },
    "Labelling": {
        "name": "给这套标签起的名称。",
        "teacher": "由哪位教师打标签。",
        "questions": _QUESTIONS,
        "kind": _KIND,
        "keep": "保留概率最高的多少条路径；其余的合在一处，明确记下。",
        "device": _DEVICE,
        "replace": "覆盖同名的标签。",
    },
    "Distillation": {
        "name": "给这名学生起的名称。",
        "teacher": "向哪位教师学习。",
        "questions": "问题集；留空则用教师的那一套。",
        "student": "tiny：当场建一个小模型；SmolLM2-135M：从软件包索引获取的预训练模型；"
        "也可以填 Hugging Face 上的模型名，在终端里还可填文件夹或 GGUF 文件。",
        "lora_rank": "0：预训练学生的全部权重都学习；大于 0：冻结原有权重，只学旁边这个秩的小矩阵"
        "（LoRA），省很多内存。",
        "dtype": "用什么数值计算；auto：GPU 支持 bfloat16 就用它。",
        "gradient_checkpointing": "隐藏状态少存一些、需要时重算：省内存，慢三分之一。",
        "alpha": "对标准路径的信任：1 只学标准路径，0 只学教师的软标签。",
        "temperature": "让图中各条路之间的选择更柔和：大于 1 时，小概率更受重视。",
        "validity": "留在图谱之内的权重（λ）；若学生回答时不受约束，请保持为 1。",
        "objective": "split：T 只软化图中各条路之间的选择，是否留在图内另行学习；"
        "token：教科书式做法，T 作用于整个词表。",
        "divergence": "如何衡量教师与学生的差距。forward-kl 要覆盖教师可能说的一切；reverse-kl "
        "只说教师可能说的；jsd 介于两者之间（由 beta 定）；skew 两种则把一方掺一点到另一方里。",
        "beta": "jsd 的位置：0 为前向 KL，1 为反向 KL。",
        "skew": "skew 散度掺入另一方分布的比例。",
        "paths": "一道题给每一步带来什么。drawn：一条标准路径，和一条按教师概率抽取的路径；"
        "all：软标签的全部路径与全部标准路径，并成一行，不靠抽样。不支持树形掩码的学生不能选 all。",
        "on_policy": "有多大比例的题沿学生自己说出的路径学习，而不是教师的；"
        "每一步都由教师评判。较慢。",
        "alpha_end": "最后一步的 Alpha；留空则始终不变。",
        "temperature_end": "最后一步的温度；留空则不变。",
        "beta_end": "最后一步的 Beta；留空则不变。",
        "schedule": "Alpha、温度与 Beta 以什么方式走到终值。",
        "replay": "某次运行或某名学生：照它记录的进程再走一遍 Alpha、温度、λ、Beta 与学习率，"
        "手动的更改也在内；此时以它为准，上面这些设置不再起作用。",
        "branch": "用这些设置，从另一次运行的检查点开始：填运行编号，或“编号:步数”；"
        "留空则从头开始。",
        "checkpoint_seconds": "两个检查点之间至少隔多少秒；写检查点最多占十分之一的时间。",
        "learning_rate_schedule": "预热之后学习率如何下降。",
        "labels": "posterior：知道答案后教师的路径分布；prior：不知道答案时的分布；"
        "uniform：通往答案的最短路径一视同仁（作为对照）。",
        "targets": "exact：标签所说的一切，其余归为一桶；sequence：只取最好的一条，当作标准路径；"
        "top：取最好的几条并重新归一。后两种是对照。",
        "top": "targets=top 时保留多少条路径。",
        "confidence": "最好的路径概率低于此值的标签，略过不用。",
        "teacher_share": "只使用这么大比例的训练题的标签。",
        "gold_share": "只使用这么大比例的训练题的标准路径。",
        "epochs": "把训练题学多少遍。",
        "batch_size": "每一步看多少道题。",
        "learning_rate": "AdamW 的最大步长；不填时，预训练学生用 LoRA 取 1e-3，学全部权重取 1e-4。",
        "seed": "初始权重、数据顺序与抽样的随机种子。",
        "device": _DEVICE,
        "processes": "每一步由几个进程分担；有 GPU 时各占一块。学到的学生相同，用时更短。",
        "replace": "覆盖同名的学生。",
    },
    "Evaluation": {
        "model": "要评估的学生或教师的名称。",
        "questions": _QUESTIONS,
        "split": "评估哪一部分。",
        "decoding": "constrained：学生只能说图中存在的路径；free：随它说，之后再核对。",
        "beams": "每题考虑多少条路径；1 即贪心。",
        "search": "exact：给出图中全部路径及其精确概率（路径不太多时）；"
        "beam：最可能的路径；diverse：各束避开彼此的用词；sample：随机抽取路径，"
        "再按各自的概率为答案投票（自洽）。",
        "limit": "只评估前多少道题。",
        "device": _DEVICE,
    },
    "Asking": {
        "student": "向哪名学生提问。",
        "question": _QUESTION,
        "topic": _TOPIC,
        "also": "它还问到的实体编号：答案在所有路径交汇之处。",
        "graph": "换一个图谱来回答，而不用它学习时的那个。",
        "decoding": "constrained：只说图中存在的路径；free：随它说，之后再核对。",
        "beams": "考虑多少条路径；1 即贪心。",
        "search": "exact：给出图中全部路径及其精确概率（路径不太多时）；"
        "beam：最可能的路径；diverse：各束避开彼此的用词；sample：随机抽取路径并投票。",
        "embedder": "当问题里的名称与图谱写法不同时，用它来找主题。character-ngrams 只比较拼写，"
        "无需下载；all-MiniLM-L6-v2 比较含义，从软件包索引获取（84 MB）；"
        "也可填 sentence-transformers 模型的 Hugging Face 名称，在终端里还可填文件夹。",
    },
    "Explaining": {
        "teacher": "看哪位教师推理。",
        "question": _QUESTION,
        "topic": _TOPIC,
        "also": "它还问到的实体编号：答案在所有路径交汇之处。",
    },
    "LexicalTeaching": {
        "name": "给这位教师起的名称。",
        "graph": "在哪个图谱上推理。",
        "questions": "用来选跳数、并在其开发集上校准的问题集；不从中学习。",
        "hops": "路径的最大长度；留空则取能到达答案的最少跳数。",
        "directions": "关系能否反向走；auto：只有正向走不到答案时才反向。",
        "largest": "每个问题最多评分的路径数。",
        "precision": "有把握的答案中应有多大比例是对的。",
        "replace": "覆盖同名的教师。",
    },
    "LanguageModelTeaching": {
        "name": "给这位教师起的名称。",
        "graph": "在哪个图谱上推理。",
        "questions": "用来选跳数、并在其开发集上校准的问题集；不从中学习。",
        "model": "因果语言模型，不对它训练：软件包索引里的 SmolLM2-135M、Hugging Face 名称；"
        "在终端里还可填文件夹或 GGUF 文件。",
        "hops": "路径的最大长度；留空则取能到达答案的最少跳数。",
        "directions": "关系能否反向走；auto：只有正向走不到答案时才反向。",
        "largest": "每个问题最多评分的路径数。",
        "precision": "有把握的答案中应有多大比例是对的。",
        "judged": "用多少道开发集问题校准把握；每道都要花时间。",
        "device": _DEVICE,
        "replace": "覆盖同名的教师。",
    },
    "TeacherMixture": {
        "name": "给这位教师起的名称。",
        "teachers": "要混合的教师；都须在同一图谱、同样的树上推理。",
        "weights": "按次序给每位教师一个大于 0 的权重；留空则一样。",
        "precision": "有把握的答案中应有多大比例是对的。",
        "replace": "覆盖同名的教师。",
    },
    "TeacherTransfer": {
        "name": "这位教师在新图谱上叫什么。",
        "teacher": "带去哪位教师；原来的保持不变。",
        "graph": "在哪个图谱上推理。",
        "questions": "该图谱的一套问题，只用来选跳数与方向，不从中学习。",
        "hops": "路径的最大长度；留空则看问题而定，否则照旧。",
        "directions": "关系能否反向走；auto：看问题而定，否则照旧。",
        "largest": "每个问题一次展开的路径数；更多的按需展开。",
        "replace": "覆盖同名的教师。",
    },
    "Supposing": {
        "teacher": "问哪位教师。",
        "question": _QUESTION,
        "topic": _TOPIC,
        "without_edges": "去掉的事实，按 头|关系|尾 的 id 写。",
        "without_entities": "去掉的实体（连同它的全部事实），写 id。",
        "without_words": "从问题中去掉的词。",
    },
    "Comparing": {
        "student": "要比较的学生；与教它的教师相比。",
        "question": _QUESTION,
        "topic": _TOPIC,
    },
    "Exporting": {
        "student": "要导出的学生。",
        "to": "要新建的文件夹；留空则在工作区的导出中做成 zip 文件。",
        "format": "huggingface：transformers 能直接打开的文件夹；"
        "gguf：供 llama.cpp 使用的单个文件。",
        "adapter": "只写出用 LoRA 学成的学生的适配器，使用时叠加在原模型上。",
        "weights": "GGUF 文件如何保存矩阵：每个权重 4、2 或约 1 字节。",
        "with_graph": "把图谱的三元组放在旁边，以便沿路径走到答案。",
        "licence": "写进模型卡的 SPDX 许可证标识，例如 Apache-2.0；留空则取原模型的（如果知道）。",
        "replace": "如果该文件夹是以前的导出且没有别的内容，则覆盖它。",
    },
    "Demo": {
        "name": "图谱、问题、教师与学生共用的名称。",
        "seed": _SEED,
        "device": _DEVICE,
    },
}


def _help() -> dict[str, tuple[str, str]]:
    """Help by `help.<model>.<field>`."""
    kinds: dict[str, type[Settings]] = {model: getattr(settings, model) for model in CHINESE_HELP}
    return {
        f"help.{model}.{name}": (field.description or "", CHINESE_HELP[model].get(name, ""))
        for model, kind in kinds.items()
        for name, field in kind.model_fields.items()
    }


TEXT = {f"field.{name}": words for name, words in _NAMES.items()} | _help()
