namespace FashionClassifier;

/// <summary>The classes of the network, in the order of its outputs.</summary>
public enum Garment
{
    /// <summary>A T-shirt or top.</summary>
    TShirt,

    /// <summary>A pair of trousers.</summary>
    Trouser,

    /// <summary>A pullover.</summary>
    Pullover,

    /// <summary>A dress.</summary>
    Dress,

    /// <summary>A coat.</summary>
    Coat,

    /// <summary>A sandal.</summary>
    Sandal,

    /// <summary>A shirt.</summary>
    Shirt,

    /// <summary>A sneaker.</summary>
    Sneaker,

    /// <summary>A bag.</summary>
    Bag,

    /// <summary>An ankle boot.</summary>
    AnkleBoot,
}
