"""Other answers to the exercises of Clase 104 about TensorBoard; test_exercises_104.py judges them."""

from tests.attempts import right, wrong

COMPARE = """
curves = {{}}
for name, optimizer in (("adam", {adam}), ("sgd", {sgd})):
    keras.utils.set_random_seed(7)
    net = build_net()
    net.compile(optimizer, "sparse_categorical_crossentropy")
    folder = f"logs/compare/{{{name}}}"
    board = keras.callbacks.TensorBoard(folder, histogram_freq={freq})
    fit(net, {epochs}, board)
    curves[name] = read_curve(f"{{folder}}/{part}", "{tag}")[1]
"""
COMPARE_RIGHT = {
    "adam": '"adam"',
    "sgd": "keras.optimizers.SGD(0.1)",
    "name": "name",
    "freq": 1,
    "epochs": 6,
    "part": "validation",
    "tag": "epoch_loss",
}


def compare(**other):
    return COMPARE.format(**{**COMPARE_RIGHT, **other})


ATTEMPTS = [
    # 2: dos corridas, dos carpetas ---------------------------------------------------------
    right(2, "con una semilla y un Adam por su nombre", compare()),
    right(2, "con un histograma cada cinco épocas y arreglos", compare(freq=5) + """
curves = {name: np.array(curve) for name, curve in curves.items()}
"""),
    right(2, "sin bucle, y las curvas al final", """
    one, two = build_net(), build_net()
    two.compile(keras.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy")
    fit(one, 6, keras.callbacks.TensorBoard("logs/compare/adam", histogram_freq=1))
    fit(two, 6, keras.callbacks.TensorBoard("logs/compare/sgd", histogram_freq=1, write_graph=False))
    logs = {n: open_log(f"logs/compare/{n}/validation") for n in ("sgd", "adam")}
    curves = {
        n: [float(tensor_util.make_ndarray(e.tensor_proto)) for e in log.Tensors("epoch_loss")]
        for n, log in logs.items()
    }
    """),
    wrong(2, "una carpeta para las dos", "No hay eventos en logs/compare/adam", compare(name="'juntas'")),
    wrong(2, "la pérdida de entrenamiento", "no es la pérdida de validación", compare(part="train")),
    wrong(2, "sin histogramas", "histogram_freq=1", compare(freq=0)),
    wrong(2, "cuatro épocas", "tenían que ser 6", compare(epochs=4)),
    wrong(2, "el mismo optimizador", "¿cambiaste el optimizador", compare(sgd='"adam"')),
    wrong(2, "dos veces la misma corrida", "¿quedó mezclada otra corrida?", compare() + compare()),
    # 9: la mejor época, sin entrenar -------------------------------------------------------
    right(9, "con min y una tupla", """
    def best_epoch(folder):
        steps, values = read_curve(f"{folder}/validation", "epoch_loss")
        return min(zip(values, steps))[1] + 1
    """),
    right(9, "recorriendo los eventos", """
    def best_epoch(folder):
        log = open_log(Path(folder) / "validation")
        loss_of = lambda event: float(tensor_util.make_ndarray(event.tensor_proto))
        return min(log.Tensors("epoch_loss"), key=loss_of).step + 1
    """),
    wrong(9, "desde cero", "cuentan desde 0", """
    def best_epoch(folder):
        steps, values = read_curve(f"{folder}/validation", "epoch_loss")
        return steps[int(np.argmin(values))]
    """),
    wrong(9, "la de entrenamiento", "pérdida de validación", """
    def best_epoch(folder):
        steps, values = read_curve(f"{folder}/train", "epoch_loss")
        return steps[int(np.argmin(values))] + 1
    """),
    wrong(9, "la posición y no el paso", "y su paso", """
    def best_epoch(folder):
        steps, values = read_curve(f"{folder}/validation", "epoch_loss")
        return int(np.argmin(values)) + 1
    """),
    wrong(9, "un entero de NumPy", "devuelve un int", """
    def best_epoch(folder):
        steps, values = read_curve(f"{folder}/validation", "epoch_loss")
        return np.argmin(values) + 1
    """),
]  # fmt: skip
