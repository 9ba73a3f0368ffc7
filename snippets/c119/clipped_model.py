"""A model whose `train_step` clips the gradient by hand and logs its norm.

TensorFlow backend only: a `train_step` computes gradients, and each backend does
it in its own way. To clip and nothing else, on any backend, give the optimizer
`global_clipnorm`: it computes the same.

Source: Pascanu, Mikolov and Bengio (2013), *On the difficulty of training
recurrent neural networks*, https://arxiv.org/abs/1211.5063; the shape of the step
follows the Keras guide *Customizing what happens in fit() with TensorFlow*.
"""

import keras
from keras import ops

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf


# --8<-- [start:class]
@keras.saving.register_keras_serializable(package="keras_en_vivo")
class ClippedModel(keras.Model):
    """A network trained with its gradient clipped by global norm.

    Args:
        network: The model or layer that does the work.
        clip_norm: Longest gradient allowed, all its tensors taken as one vector.

    Input and output: those of `network`. `fit` also logs `grad_norm`, the mean
    over the epoch of the norm before clipping. Not for `mixed_float16`.
    """

    def __init__(self, network, clip_norm=1.0, **kwargs):
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

    def call(self, inputs, training=False):
        return self.network(inputs, training=training)

    def train_step(self, data):
        x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
        # 1. Hacia delante, 2. Pérdida
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x, y, y_pred, sample_weight=weight)
        # 3. Hacia atrás
        grads = tape.gradient(loss, self.trainable_variables)
        norm = ops.sqrt(sum(ops.sum(ops.square(g)) for g in grads))
        shrink = self.clip_norm / ops.maximum(norm, self.clip_norm)
        # 4. Optimizador
        clipped = [g * shrink for g in grads]
        self.optimizer.apply(clipped, self.trainable_variables)
        # 5. Métricas: la pérdida pesa según las filas del lote
        self.grad_norm.update_state(norm)
        rows = ops.shape(y_pred)[0]
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss, sample_weight=rows)
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
