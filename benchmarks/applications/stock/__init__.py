"""An inventory: products that the client names, movements of stock, pages by cursor."""
