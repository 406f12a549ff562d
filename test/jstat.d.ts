declare module "jstat" {
  const jstat: {
    studentt: { inv(probability: number, degreesOfFreedom: number): number };
    mean(values: readonly number[]): number;
    stdev(values: readonly number[], sample: boolean): number;
  };
  export default jstat;
}
