import "./relaxedEngine.js";
import { loadProducts, useProducts } from "../bindings/products.js";

/** For tests that call kernels by themselves: products are the relaxed ones'. */
await loadProducts("relaxed");
useProducts("relaxed");
