// The names of the parts that come with the library and their settings, as these declare them.
// Written by test/parts/partTypes.test.ts, which says how to renew it.

/** The settings of every quantizer, by its name. */
export interface QuantizerSettings {
  /** exponent and mantissa: one decade (or octave) for all entries, whole multiples of it */
  emq: {
    /** digits kept beyond the first of the largest; 0 where not given */
    digits?: number | undefined;
    /** 10 or 2; 10 where not given */
    base?: number | undefined;
    /** what shares an exponent; "vector" where not given */
    scope?: "vector" | "tensor" | "block" | undefined;
    /** entries of a block, with scope block; 256 where not given */
    block?: number | undefined;
    /** entries below threshold · ‖v‖_∞ become 0; 0 where not given */
    threshold?: number | undefined;
    /** stochastic is unbiased; "nearest" where not given */
    rounding?: "nearest" | "stochastic" | undefined;
    /** fractional: the step follows the scale; "decade" where not given */
    step?: "decade" | "fractional" | undefined;
    /** ‖v‖_∞ / step, with step fractional; 0: base^(digits + ½); 0 where not given */
    levels?: number | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
    /** loss: finer as the training loss falls (AdaQuantFL); plateau: doubled where it stops falling; doubly-adaptive: and more for clients with more data (DAdaQuant); "constant" where not given */
    schedule?: "constant" | "loss" | "plateau" | "doubly-adaptive" | undefined;
  };
  /** a grid for the large entries, the sign for the others */
  "mixed-resolution": {
    /** share of ‖v‖_∞ from which an entry is large; 0.2 where not given */
    lambda?: number | undefined;
    /** bits of a large entry; 10 where not given */
    bits?: number | undefined;
    /** authors-code: 5e-5 for the small entries of a tiny update; "original" where not given */
    variant?: "original" | "authors-code" | undefined;
    /** λ of each client from its channel instead; false where not given */
    channelAware?: boolean | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
    /** loss: finer as the training loss falls (AdaQuantFL); plateau: doubled where it stops falling; doubly-adaptive: and more for clients with more data (DAdaQuant); "constant" where not given */
    schedule?: "constant" | "loss" | "plateau" | "doubly-adaptive" | undefined;
  };
  /** lazy uploads of the innovation on a uniform grid */
  laq: {
    /** bits an entry; 4 where not given */
    bits?: number | undefined;
    /** authors-code: on the weights, on a grid with zero, never skipping; "original" where not given */
    variant?: "original" | "authors-code" | undefined;
    /** D, model changes in the lazy rule; 10 where not given */
    history?: number | undefined;
    /** ξ · D of the lazy rule; 0.8 where not given */
    weight?: number | undefined;
    /** t̄, most rounds skipped in a row; 100 where not given */
    patience?: number | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
    /** loss: finer as the training loss falls (AdaQuantFL); plateau: doubled where it stops falling; doubly-adaptive: and more for clients with more data (DAdaQuant); "constant" where not given */
    schedule?: "constant" | "loss" | "plateau" | "doubly-adaptive" | undefined;
  };
  /** LAQ with the bits chosen from the innovation's shape */
  aquila: {
    /** authors-code: on the weights, on a grid with zero, never skipping; "original" where not given */
    variant?: "original" | "authors-code" | undefined;
    /** β of the skip rule; 0.25 where not given */
    beta?: number | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
  };
  /** the largest entries alone */
  "top-q": {
    /** q, the share of the entries that is sent; 0.01 where not given */
    fraction?: number | undefined;
    /** of a value; 32: the float32 itself; 32 where not given */
    bits?: number | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
    /** loss: finer as the training loss falls (AdaQuantFL); plateau: doubled where it stops falling; doubly-adaptive: and more for clients with more data (DAdaQuant); "constant" where not given */
    schedule?: "constant" | "loss" | "plateau" | "doubly-adaptive" | undefined;
  };
  /** stochastic levels of the norm */
  qsgd: {
    /** s, levels between 0 and the norm; 4 where not given */
    levels?: number | undefined;
    /** the norm of a bucket; "l2" where not given */
    norm?: "l2" | "max" | undefined;
    /** entries of a bucket; 0: all; 512 where not given */
    bucket?: number | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
    /** loss: finer as the training loss falls (AdaQuantFL); plateau: doubled where it stops falling; doubly-adaptive: and more for clients with more data (DAdaQuant); "constant" where not given */
    schedule?: "constant" | "loss" | "plateau" | "doubly-adaptive" | undefined;
  };
  /** three values: zero and ± the largest magnitude */
  terngrad: {
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
  };
  /** the sign times the mean magnitude */
  sign: {
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
  };
  /** stochastic powers of two */
  natural: {
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
  };
  /** a uniform grid between ± the largest magnitude */
  uniform: {
    /** bits an entry; 8 where not given */
    bits?: number | undefined;
    /** 2^bits points without zero, or 2^bits − 1 with it; "mid-rise" where not given */
    kind?: "mid-rise" | "mid-tread" | undefined;
    /** stochastic is unbiased; "nearest" where not given */
    rounding?: "nearest" | "stochastic" | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
    /** loss: finer as the training loss falls (AdaQuantFL); plateau: doubled where it stops falling; doubly-adaptive: and more for clients with more data (DAdaQuant); "constant" where not given */
    schedule?: "constant" | "loss" | "plateau" | "doubly-adaptive" | undefined;
  };
  /** IEEE half precision */
  fp16: {
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
  };
  /** bfloat16 */
  bf16: {
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
  };
  /** 8-bit floating point, E4M3, with one scale */
  "fp8-e4m3": {
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
  };
  /** 8-bit floating point, E5M2, with one scale */
  "fp8-e5m2": {
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
  };
  /** OCP microscaling, 4-bit elements in blocks of 32 */
  mxfp4: {
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
  };
  /** OCP microscaling, 8-bit elements in blocks of 32 */
  mxfp8: {
    /** format of an element; "e4m3" where not given */
    element?: "e4m3" | "e5m2" | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
  };
  /** random rotation, then the sign */
  drive: {
    /** bits an entry; 1 where not given */
    bits?: number | undefined;
    /** unbiased, or the least squared error; "unbiased" where not given */
    scale?: "unbiased" | "mse" | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
    /** loss: finer as the training loss falls (AdaQuantFL); plateau: doubled where it stops falling; doubly-adaptive: and more for clients with more data (DAdaQuant); "constant" where not given */
    schedule?: "constant" | "loss" | "plateau" | "doubly-adaptive" | undefined;
  };
  /** random rotation, then the levels of a normal */
  eden: {
    /** bits an entry, whole or not; 2 where not given */
    bits?: number | undefined;
    /** unbiased, or the least squared error; "unbiased" where not given */
    scale?: "unbiased" | "mse" | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
    /** loss: finer as the training loss falls (AdaQuantFL); plateau: doubled where it stops falling; doubly-adaptive: and more for clients with more data (DAdaQuant); "constant" where not given */
    schedule?: "constant" | "loss" | "plateau" | "doubly-adaptive" | undefined;
  };
  /** a bit target: transform, prediction from the last round, dead zone, adaptive contexts */
  "rate-distortion": {
    /** bits an entry that a packet may have, on the wire; 0.1 where not given */
    bits?: number | undefined;
    /** stochastic has no dead zone, and is unbiased without feedback; "nearest" where not given */
    rounding?: "nearest" | "stochastic" | undefined;
    /** λ: squared steps of error that a bit is worth; 0.1 where not given */
    lambda?: number | undefined;
    /** cosine transform along axes whose neighbors are alike; true where not given */
    transform?: boolean | undefined;
    /** from what the client sent last; true where not given */
    prediction?: boolean | undefined;
    /** β: share of what was lost that is added next time; 1 where not given */
    feedback?: number | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
    /** loss: finer as the training loss falls (AdaQuantFL); plateau: doubled where it stops falling; doubly-adaptive: and more for clients with more data (DAdaQuant); "constant" where not given */
    schedule?: "constant" | "loss" | "plateau" | "doubly-adaptive" | undefined;
  };
  /** full precision: the float32 values themselves */
  identity: {
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
  };
  /** random rotation, then the levels of a normal, at the length of the update */
  turboquant: {
    /** bits an entry; 2 where not given */
    bits?: number | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
    /** loss: finer as the training loss falls (AdaQuantFL); plateau: doubled where it stops falling; doubly-adaptive: and more for clients with more data (DAdaQuant); "constant" where not given */
    schedule?: "constant" | "loss" | "plateau" | "doubly-adaptive" | undefined;
  };
  /** 4-bit levels at the quantiles of a normal, in blocks with one scale */
  nf4: {
    /** entries of a block; 0: all; 64 where not given */
    block?: number | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
  };
  /** stochastic levels at powers of two of the norm */
  nuqsgd: {
    /** s, levels between 0 and the norm; 3 where not given */
    levels?: number | undefined;
    /** the norm of a bucket; "l2" where not given */
    norm?: "l2" | "max" | undefined;
    /** entries of a bucket; 0: all; 512 where not given */
    bucket?: number | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
    /** loss: finer as the training loss falls (AdaQuantFL); plateau: doubled where it stops falling; doubly-adaptive: and more for clients with more data (DAdaQuant); "constant" where not given */
    schedule?: "constant" | "loss" | "plateau" | "doubly-adaptive" | undefined;
  };
  /** entries chosen at random, which both ends know */
  "rand-k": {
    /** k/d, the share of the entries that is sent; 0.01 where not given */
    fraction?: number | undefined;
    /** times d/k, or as they are (for error feedback); "unbiased" where not given */
    scale?: "unbiased" | "contraction" | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
    /** loss: finer as the training loss falls (AdaQuantFL); plateau: doubled where it stops falling; doubly-adaptive: and more for clients with more data (DAdaQuant); "constant" where not given */
    schedule?: "constant" | "loss" | "plateau" | "doubly-adaptive" | undefined;
  };
  /** the largest entries with coded positions, the others kept for later */
  "top-k": {
    /** k/d, the share of the entries that is sent; 0.01 where not given */
    fraction?: number | undefined;
    /** the sign and the mean magnitude, or the float32 itself; "mean" where not given */
    values?: "mean" | "float32" | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; true where not given */
    errorFeedback?: boolean | undefined;
    /** loss: finer as the training loss falls (AdaQuantFL); plateau: doubled where it stops falling; doubly-adaptive: and more for clients with more data (DAdaQuant); "constant" where not given */
    schedule?: "constant" | "loss" | "plateau" | "doubly-adaptive" | undefined;
  };
  /** random rotation, then unbiased symbols of few bits by shared random bits */
  "quic-fl": {
    /** bits an entry; 2 where not given */
    bits?: number | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
    /** loss: finer as the training loss falls (AdaQuantFL); plateau: doubled where it stops falling; doubly-adaptive: and more for clients with more data (DAdaQuant); "constant" where not given */
    schedule?: "constant" | "loss" | "plateau" | "doubly-adaptive" | undefined;
  };
  /** one bit of each weight's whole number, the others frozen */
  fedbif: {
    /** m, bits of a weight; one is sent; 4 where not given */
    bits?: number | undefined;
    /** which of the two free weights; "nearest" where not given */
    rounding?: "nearest" | "stochastic" | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
  };
  /** levels of a range that all clients share, added up as they come */
  thc: {
    /** bits of an entry on its way up; 4 where not given */
    bits?: number | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; true where not given */
    errorFeedback?: boolean | undefined;
    /** loss: finer as the training loss falls (AdaQuantFL); plateau: doubled where it stops falling; doubly-adaptive: and more for clients with more data (DAdaQuant); "constant" where not given */
    schedule?: "constant" | "loss" | "plateau" | "doubly-adaptive" | undefined;
  };
  /** tensors as products of low rank, found by all clients together */
  powersgd: {
    /** r of the products; 2 where not given */
    rank?: number | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; true where not given */
    errorFeedback?: boolean | undefined;
  };
  /** a bit target: transform and dead zone, then what that lost by a random rotation, without bias */
  induced: {
    /** bits an entry that a packet may have, on the wire; 0.1 where not given */
    bits?: number | undefined;
    /** share of the bits that goes into what the transform coding has lost; 1: no transform coding; 0.7 where not given */
    residual?: number | undefined;
    /** how the symbols become bytes; "auto" where not given */
    coder?: "auto" | "fixed" | "elias" | "rice" | "range" | "context" | undefined;
    /** add what the last round's quantization lost to this round's update; false where not given */
    errorFeedback?: boolean | undefined;
    /** loss: finer as the training loss falls (AdaQuantFL); plateau: doubled where it stops falling; doubly-adaptive: and more for clients with more data (DAdaQuant); "constant" where not given */
    schedule?: "constant" | "loss" | "plateau" | "doubly-adaptive" | undefined;
  };
}

/** Every setting that some of the power methods have. */
export interface PowerMethodSettings {
  /** weight of energy against latency; 0.5 where not given */
  alpha?: number | undefined;
  /** no client uses more in a round than its battery allows: K more constraints of the program; false where not given */
  batteries?: boolean | undefined;
  /** a round's energy is the energy budget over so many rounds, where the problem has no roundEnergy; 40 where not given */
  rounds?: number | undefined;
  /** what every client with bits gets at least, bit/s; 0 where not given */
  minimumRate?: number | undefined;
  /** 0: full power, 1: inverts the channel; 0.5 where not given */
  exponent?: number | undefined;
}

/** Every setting that some of the local optimizers have. */
export interface LocalOptimizerSettings {
  /** learning rate */
  learningRate?: number | undefined;
  /** decay of the squared gradients */
  rho?: number | undefined;
  /** ε, inside the roots; 1e-7 where not given */
  epsilon?: number | undefined;
  /** weight decay, added to the gradient */
  weightDecay?: number | undefined;
  /** μ; 0.9 where not given */
  momentum?: number | undefined;
  /** where the sums of squares start; 0.1 where not given */
  initialAccumulator?: number | undefined;
  /** β₁, decay of the mean gradient; 0.9 where not given */
  beta1?: number | undefined;
  /** β₂, decay of the squared gradients; 0.999 where not given */
  beta2?: number | undefined;
}

/** Every setting that some of the server rules have. */
export interface ServerRuleSettings {
  /** the server's learning rate */
  learningRate?: number | undefined;
  /** μ; 0.9 where not given */
  momentum?: number | undefined;
  /** τ; 0.001 where not given */
  tau?: number | undefined;
  /** β₁, decay of the mean update; 0.9 where not given */
  beta1?: number | undefined;
  /** β₂, decay of the squared updates; 0.99 where not given */
  beta2?: number | undefined;
}

/** Every setting that some of the selection rules have. */
export interface SelectionRuleSettings {
  /** W, rounds over which the mean reaches; 10 where not given */
  window?: number | undefined;
  /** drawn with chances in proportion to the norms, instead of the largest; true where not given */
  draw?: boolean | undefined;
  /** share of the mean that a norm counts as at least, so that nobody is left out for ever; 0.1 where not given */
  floor?: number | undefined;
  /** for computation and upload together, s; 0.1 where not given */
  seconds?: number | undefined;
}

/** A power method that comes with the library. */
export type PowerMethodName =
  | "joint"
  | "most-rounds"
  | "joint-computation"
  | "min-max"
  | "dinkelbach"
  | "dinkelbach-one-step"
  | "sum-rate"
  | "max-min"
  | "full"
  | "fractional"
  | "coordinate";

/** A local optimizer that comes with the library. */
export type LocalOptimizerName = "adadelta" | "sgd" | "momentum" | "adagrad" | "rmsprop" | "adam" | "adamw";

/** A server rule that comes with the library. */
export type ServerRuleName = "fedavg" | "fedavgm" | "fedadagrad" | "fedadam" | "fedyogi";

/** A selection rule that comes with the library. */
export type SelectionRuleName =
  | "random"
  | "all"
  | "round-robin"
  | "best-channel"
  | "proportional-fair"
  | "energy-left"
  | "update-norm"
  | "deadline";

/** A receiver that comes with the library. */
export type ReceiverName =
  | "mmse"
  | "p-mmse"
  | "p-rzf"
  | "mr-centralized"
  | "l-mmse"
  | "l-mmse+n-lsfd"
  | "l-mmse+lsfd"
  | "lp-mmse"
  | "lp-mmse+n-lsfd"
  | "lp-mmse+lsfd"
  | "mr"
  | "mr+n-lsfd"
  | "mr+lsfd";

/** A data set that comes with the library. */
export type DatasetName =
  | "glyphs"
  | "mnist"
  | "fashion-mnist"
  | "cifar10"
  | "cifar100"
  | "corpus"
  | "text"
  | "regression";
