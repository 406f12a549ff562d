/** What can be cited: keys and fields as BibTeX has them. Text is Unicode; `bibtex.ts` writes it. */
export interface Source {
  type: "article" | "inproceedings" | "book" | "misc" | "techreport" | "software";
  /** "Family, Given" each */
  authors: readonly string[];
  title: string;
  year: number;
  /** Journal or book of proceedings */
  in?: string;
  volume?: string;
  number?: string;
  pages?: string;
  publisher?: string;
  doi?: string;
  arxiv?: string;
  note?: string;
}

export type SourceKey = keyof typeof sources;

const [mahmoudi, xiao, bjornson, zaher] = ["Mahmoudi, Afsaneh", "Xiao, Ming", "Björnson, Emil", "Zaher, Mahmoud"];
const neurips = "Advances in Neural Information Processing Systems";
const icml = "International Conference on Machine Learning";
const iclr = "International Conference on Learning Representations";

/** By key, in the order in which they are listed. */
export const sources = {
  mahmoudi2025accelerating: {
    type: "article",
    authors: [mahmoudi!, xiao!, bjornson!],
    title: "Accelerating Energy-Efficient Federated Learning in Cell-Free Networks with Adaptive Quantization",
    ...{ in: "IEEE Transactions on Machine Learning in Communications and Networking", volume: "3", year: 2025 },
    arxiv: "2412.20785",
  },
  mahmoudi2024adaptive: {
    type: "misc",
    authors: [mahmoudi!, bjornson!],
    title: "Adaptive Quantization Resolution and Power Control for Federated Learning over Cell-free Networks",
    ...{ year: 2024, arxiv: "2412.10878" },
  },
  mahmoudi2024joint: {
    type: "inproceedings",
    authors: [mahmoudi!, zaher!, bjornson!],
    title: "Joint Energy and Latency Optimization in Federated Learning over Cell-Free Massive MIMO Networks",
    ...{ in: "IEEE Wireless Communications and Networking Conference", year: 2024, arxiv: "2404.18287" },
  },
  mahmoudi2025tradeoff: {
    type: "article",
    authors: [mahmoudi!, zaher!, bjornson!],
    title: "Low-Latency and Energy-Efficient Federated Learning over Cell-Free Networks: A Trade-Off Analysis",
    ...{ in: "IEEE Open Journal of the Communications Society", volume: "6", pages: "2274-2292", year: 2025 },
  },
  demir2021foundations: {
    type: "article",
    authors: ["Demir, Özlem Tuğfe", bjornson!, "Sanguinetti, Luca"],
    title: "Foundations of User-Centric Cell-Free Massive MIMO",
    ...{ in: "Foundations and Trends in Signal Processing", volume: "14", number: "3-4", pages: "162-472", year: 2021 },
    doi: "10.1561/2000000109",
  },
  ngo2017cellfree: {
    type: "article",
    authors: [...["Ngo, Hien Quoc", "Ashikhmin, Alexei", "Yang, Hong", "Larsson, Erik G."], "Marzetta, Thomas L."],
    title: "Cell-Free Massive MIMO Versus Small Cells",
    ...{
      in: "IEEE Transactions on Wireless Communications",
      volume: "16",
      number: "3",
      pages: "1834-1850",
      year: 2017,
    },
    doi: "10.1109/TWC.2017.2655515",
  },
  vu2020cellfree: {
    type: "article",
    authors: [
      ...["Vu, Tung T.", "Ngo, Duy T.", "Tran, Nguyen H.", "Ngo, Hien Quoc", "Dao, Minh N."],
      "Middleton, Richard H.",
    ],
    title: "Cell-Free Massive MIMO for Wireless Federated Learning",
    ...{ in: "IEEE Transactions on Wireless Communications", volume: "19", number: "10", year: 2020 },
    ...{ pages: "6377-6392", arxiv: "1909.12567" },
  },
  dinkelbach1967nonlinear: {
    type: "article",
    authors: ["Dinkelbach, Werner"],
    title: "On Nonlinear Fractional Programming",
    ...{ in: "Management Science", volume: "13", number: "7", pages: "492-498", year: 1967 },
  },
  shi2011iteratively: {
    type: "article",
    authors: ["Shi, Qingjiang", "Razaviyayn, Meisam", "Luo, Zhi-Quan", "He, Chen"],
    title:
      "An Iteratively Weighted MMSE Approach to Distributed Sum-Utility Maximization for a MIMO Interfering Broadcast Channel",
    ...{ in: "IEEE Transactions on Signal Processing", volume: "59", number: "9", pages: "4331-4340", year: 2011 },
  },
  mcmahan2017communication: {
    type: "inproceedings",
    authors: [...["McMahan, H. Brendan", "Moore, Eider", "Ramage, Daniel", "Hampson, Seth"], "Agüera y Arcas, Blaise"],
    title: "Communication-Efficient Learning of Deep Networks from Decentralized Data",
    ...{ in: "International Conference on Artificial Intelligence and Statistics", year: 2017 },
  },
  reddi2021adaptive: {
    type: "inproceedings",
    authors: [
      ...["Reddi, Sashank J.", "Charles, Zachary", "Zaheer, Manzil", "Garrett, Zachary", "Rush, Keith"],
      ...["Konečný, Jakub", "Kumar, Sanjiv", "McMahan, H. Brendan"],
    ],
    title: "Adaptive Federated Optimization",
    ...{ in: iclr, year: 2021 },
  },
  hsu2019measuring: {
    type: "misc",
    authors: ["Hsu, Tzu-Ming Harry", "Qi, Hang", "Brown, Matthew"],
    title: "Measuring the Effects of Non-Identical Data Distribution for Federated Visual Classification",
    ...{ year: 2019, arxiv: "1909.06335" },
  },
  li2020federated: {
    type: "inproceedings",
    authors: [
      ...["Li, Tian", "Sahu, Anit Kumar", "Zaheer, Manzil", "Sanjabi, Maziar", "Talwalkar, Ameet"],
      "Smith, Virginia",
    ],
    title: "Federated Optimization in Heterogeneous Networks",
    ...{ in: "Proceedings of Machine Learning and Systems", year: 2020 },
  },
  li2022federated: {
    type: "inproceedings",
    authors: ["Li, Qinbin", "Diao, Yiqun", "Chen, Quan", "He, Bingsheng"],
    title: "Federated Learning on Non-IID Data Silos: An Experimental Study",
    ...{ in: "IEEE International Conference on Data Engineering", year: 2022 },
  },
  zeiler2012adadelta: {
    type: "misc",
    authors: ["Zeiler, Matthew D."],
    title: "ADADELTA: An Adaptive Learning Rate Method",
    ...{ year: 2012, arxiv: "1212.5701" },
  },
  duchi2011adaptive: {
    type: "article",
    authors: ["Duchi, John", "Hazan, Elad", "Singer, Yoram"],
    title: "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization",
    ...{ in: "Journal of Machine Learning Research", volume: "12", pages: "2121-2159", year: 2011 },
  },
  tieleman2012rmsprop: {
    type: "misc",
    authors: ["Tieleman, Tijmen", "Hinton, Geoffrey"],
    title: "Lecture 6.5: RMSProp",
    ...{ note: "COURSERA: Neural Networks for Machine Learning", year: 2012 },
  },
  kingma2015adam: {
    type: "inproceedings",
    authors: ["Kingma, Diederik P.", "Ba, Jimmy"],
    title: "Adam: A Method for Stochastic Optimization",
    ...{ in: iclr, year: 2015 },
  },
  loshchilov2019decoupled: {
    type: "inproceedings",
    authors: ["Loshchilov, Ilya", "Hutter, Frank"],
    title: "Decoupled Weight Decay Regularization",
    ...{ in: iclr, year: 2019 },
  },
  polyak1964some: {
    type: "article",
    authors: ["Polyak, Boris T."],
    title: "Some Methods of Speeding Up the Convergence of Iteration Methods",
    ...{ in: "USSR Computational Mathematics and Mathematical Physics", volume: "4", number: "5", year: 1964 },
    pages: "1-17",
  },
  sun2019communication: {
    type: "inproceedings",
    authors: ["Sun, Jun", "Chen, Tianyi", "Giannakis, Georgios B.", "Yang, Zaiyue"],
    title: "Communication-Efficient Distributed Learning via Lazily Aggregated Quantized Gradients",
    ...{ in: neurips, year: 2019 },
  },
  zhao2023aquila: {
    type: "misc",
    authors: [
      ...["Zhao, Zihao", "Mao, Yuzhu", "Shi, Zhenpeng", "Liu, Yang", "Lan, Tian", "Ding, Wenbo"],
      "Zhang, Xiao-Ping",
    ],
    title: "AQUILA: Communication Efficient Federated Learning with Adaptive Quantization in Device Selection Strategy",
    ...{ year: 2023, arxiv: "2308.00258" },
  },
  stich2018sparsified: {
    type: "inproceedings",
    authors: ["Stich, Sebastian U.", "Cordonnier, Jean-Baptiste", "Jaggi, Martin"],
    title: "Sparsified SGD with Memory",
    ...{ in: neurips, year: 2018 },
  },
  alistarh2017qsgd: {
    type: "inproceedings",
    authors: ["Alistarh, Dan", "Grubic, Demjan", "Li, Jerry", "Tomioka, Ryota", "Vojnovic, Milan"],
    title: "QSGD: Communication-Efficient SGD via Gradient Quantization and Encoding",
    ...{ in: neurips, year: 2017 },
  },
  wen2017terngrad: {
    type: "inproceedings",
    authors: [...["Wen, Wei", "Xu, Cong", "Yan, Feng", "Wu, Chunpeng", "Wang, Yandan", "Chen, Yiran", "Li, Hai"]],
    title: "TernGrad: Ternary Gradients to Reduce Communication in Distributed Deep Learning",
    ...{ in: neurips, year: 2017 },
  },
  bernstein2018signsgd: {
    type: "inproceedings",
    authors: ["Bernstein, Jeremy", "Wang, Yu-Xiang", "Azizzadenesheli, Kamyar", "Anandkumar, Animashree"],
    title: "signSGD: Compressed Optimisation for Non-Convex Problems",
    ...{ in: icml, year: 2018 },
  },
  horvath2022natural: {
    type: "inproceedings",
    authors: [
      ...["Horváth, Samuel", "Ho, Chen-Yu", "Horváth, Ľudovít", "Sahu, Atal Narayan", "Canini, Marco"],
      "Richtárik, Peter",
    ],
    title: "Natural Compression for Distributed Deep Learning",
    ...{ in: "Mathematical and Scientific Machine Learning", year: 2022 },
  },
  micikevicius2022fp8: {
    type: "misc",
    authors: ["Micikevicius, Paulius and others"],
    title: "FP8 Formats for Deep Learning",
    ...{ year: 2022, arxiv: "2209.05433" },
  },
  rouhani2023microscaling: {
    type: "techreport",
    authors: ["Rouhani, Bita Darvish and others"],
    title: "OCP Microscaling Formats (MX) Specification",
    ...{ publisher: "Open Compute Project", year: 2023 },
  },
  vargaftik2021drive: {
    type: "inproceedings",
    authors: [
      ...["Vargaftik, Shay", "Ben Basat, Ran", "Portnoy, Amit", "Mendelson, Gal", "Ben-Itzhak, Yaniv"],
      "Mitzenmacher, Michael",
    ],
    title: "DRIVE: One-bit Distributed Mean Estimation",
    ...{ in: neurips, year: 2021 },
  },
  vargaftik2022eden: {
    type: "inproceedings",
    authors: [
      ...["Vargaftik, Shay", "Ben Basat, Ran", "Portnoy, Amit", "Mendelson, Gal", "Ben-Itzhak, Yaniv"],
      "Mitzenmacher, Michael",
    ],
    title: "EDEN: Communication-Efficient and Robust Distributed Mean Estimation for Federated Learning",
    ...{ in: icml, year: 2022 },
  },
  karimireddy2019error: {
    type: "inproceedings",
    authors: ["Karimireddy, Sai Praneeth", "Rebjock, Quentin", "Stich, Sebastian U.", "Jaggi, Martin"],
    title: "Error Feedback Fixes SignSGD and other Gradient Compression Schemes",
    ...{ in: icml, year: 2019 },
  },
  jhunjhunwala2021adaptive: {
    type: "inproceedings",
    authors: ["Jhunjhunwala, Divyansh", "Gadhikar, Advait", "Joshi, Gauri", "Eldar, Yonina C."],
    title: "Adaptive Quantization of Model Updates for Communication-Efficient Federated Learning",
    ...{ in: "IEEE International Conference on Acoustics, Speech and Signal Processing", year: 2021 },
  },
  lecun1998gradient: {
    type: "article",
    authors: ["LeCun, Yann", "Bottou, Léon", "Bengio, Yoshua", "Haffner, Patrick"],
    title: "Gradient-Based Learning Applied to Document Recognition",
    ...{ in: "Proceedings of the IEEE", volume: "86", number: "11", pages: "2278-2324", year: 1998 },
  },
  xiao2017fashion: {
    type: "misc",
    authors: ["Xiao, Han", "Rasul, Kashif", "Vollgraf, Roland"],
    title: "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms",
    ...{ year: 2017, arxiv: "1708.07747" },
  },
  krizhevsky2009learning: {
    type: "techreport",
    authors: ["Krizhevsky, Alex"],
    title: "Learning Multiple Layers of Features from Tiny Images",
    ...{ publisher: "University of Toronto", year: 2009 },
  },
} as const satisfies Record<string, Source>;
