// Logistic regression from C++: the loss is written down, its gradient derived, one training step compiled.
#include <cstdio>
#include <random>

#include "croton/croton.h"

using namespace croton;

namespace {

struct Data {
  Array points, labels;
};

// Points of the plane; the label is 1 above a line, where the two classes overlap a little.
Data make_data(int64_t count, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  Data data{empty_array(DType::Float32, {count, 2}), empty_array(DType::Float32, {count, 1})};
  for (int64_t i = 0; i < count; ++i) {
    float x = normal(engine), y = normal(engine);
    elements<float>(data.points)[2 * i] = x;
    elements<float>(data.points)[2 * i + 1] = y;
    elements<float>(data.labels)[i] = 2 * x - y + 0.5f * normal(engine) > 0;
  }
  return data;
}

}  // namespace

int main() {
  Var x = matrix("x", DType::Float32), label = matrix("label", DType::Float32);
  Shared weights(make_array<float>({2, 1}, {0, 0}), "weights");
  Shared bias(make_array(0.0f), "bias");

  Var score = matmul(x, weights) + bias;
  Var loss = mean(softplus(score) - label * score);  // the cross entropy of sigmoid(score)
  std::vector<Var> gradients = grad(loss, {weights, bias});
  Compiled train =
      function({x, label}, {loss},
               {{weights, weights - 2.0 * gradients[0]}, {bias, bias - 2.0 * gradients[1]}}, "train");
  Compiled accuracy = function({x, label}, {mean(equal(score > 0, label > 0.5))}, {}, "accuracy");

  std::printf("score = %s\n", text(score).c_str());
  Data data = make_data(2000, 1), fresh = make_data(500, 2);  // other sizes need no other code
  for (int step = 0; step <= 200; ++step) {
    float value = item<float>(train(data.points, data.labels)[0]);
    if (step % 50 == 0) std::printf("step %3d: loss %.4f\n", step, value);
  }
  Array result = weights.get();
  std::printf("weights %.2f, %.2f\n", elements<float>(result)[0], elements<float>(result)[1]);
  std::printf("accuracy %.3f\n", item<float>(accuracy(fresh.points, fresh.labels)[0]));
}
