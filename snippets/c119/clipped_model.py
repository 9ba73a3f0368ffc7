"""Un modelo cuyo `train_step` recorta el gradiente a mano y registra su norma.

Solo con TensorFlow: un `train_step` calcula gradientes, y cada backend lo hace a su
manera. Si solo querés recortar, con cualquier backend, pasale `global_clipnorm` al
optimizador: hace la misma cuenta.

Fuente: Pascanu, Mikolov y Bengio (2013), *On the difficulty of training recurrent
neural networks*, https://arxiv.org/abs/1211.5063; el paso sigue la guía de Keras
*Customizing what happens in fit() with TensorFlow*.
"""

import keras
from keras import ops

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf


# --8<-- [start:class]
@keras.saving.register_keras_serializable(package="keras_en_vivo")
class ClippedModel(keras.Model):
    """Una red que se entrena con el gradiente recortado por norma global.

    Args:
        network: El modelo o la capa que hace el trabajo.
        clip_norm: Lo más largo que puede ser el gradiente, con todos sus
            tensores como un solo vector.

    Entrada y salida: las de `network`, también si son listas o diccionarios.
    `fit` registra además `grad_norm`, la media en la época de la norma antes
    de recortar, sin los pasos que `mixed_float16` descarta por desborde.
    """

    def __init__(self, network, clip_norm=1.0, **kwargs):
        # La política de la red decide si compile escala la pérdida
        kwargs.setdefault("dtype", network.dtype_policy)
        super().__init__(**kwargs)
        if keras.backend.backend() != "tensorflow":
            raise NotImplementedError(
                "Este train_step usa tf.GradientTape. Con otro backend, pasale "
                "global_clipnorm al optimizador."
            )
        if clip_norm <= 0:
            raise ValueError(f"clip_norm={clip_norm}: tiene que ser positivo.")
        self.network = network
        self.clip_norm = clip_norm
        self.grad_norm = keras.metrics.Mean(name="grad_norm")

    @property
    def output_names(self):  # con ellos nombra fit cada pérdida
        return self.network.output_names

    def call(self, inputs, training=False):
        return self.network(inputs, training=training)

    def train_step(self, data):
        x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
        # 1. Hacia delante, 2. Pérdida
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x, y, y_pred, sample_weight=weight)
            scaled = self.optimizer.scale_loss(loss)
        # 3. Hacia atrás: la norma va sin la escala; None es «sin gradiente»
        grads = tape.gradient(scaled, self.trainable_variables)
        squares = [ops.sum(ops.square(g)) for g in grads if g is not None]
        norm = ops.sqrt(sum(squares)) / self.optimizer.scale_loss(1.0)
        shrink = self.clip_norm / ops.maximum(norm, self.clip_norm)
        # 4. Optimizador
        clipped = [g if g is None else ops.multiply(g, shrink) for g in grads]
        self.optimizer.apply(clipped, self.trainable_variables)
        # 5. Métricas: la pérdida pesa según las filas del lote
        rows = ops.shape(keras.tree.flatten(x)[0])[0]
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss, sample_weight=rows)
        fits = ops.isfinite(norm)
        self.grad_norm.update_state(ops.where(fits, norm, 0), sample_weight=fits)
        return self.compute_metrics(x, y, y_pred, sample_weight=weight)

    def test_step(self, data):
        logs = super().test_step(data)
        logs.pop("grad_norm")  # al evaluar no hay gradiente
        return logs

    def get_config(self):
        network = keras.saving.serialize_keras_object(self.network)
        own = {"network": network, "clip_norm": self.clip_norm}
        return {**super().get_config(), **own}

    @classmethod
    def from_config(cls, config):
        network = keras.saving.deserialize_keras_object(config.pop("network"))
        return cls(network, **config)


# --8<-- [end:class]
