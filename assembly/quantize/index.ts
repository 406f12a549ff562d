// One line an operation: export { name } from "./file";
