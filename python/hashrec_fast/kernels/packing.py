import numpy as np
def pack(signs, bitorder="little"):
    b=np.asarray(signs)
    b = b if b.dtype==bool else b>=0
    n,f=b.shape; w=(f+63)//64
    by=np.packbits(b,axis=1,bitorder="little"); out=np.zeros((n,w*8),np.uint8); out[:,:by.shape[1]]=by
    return out.view(np.uint64)
def unpack(codes,n_bits):
    return (np.unpackbits(codes.view(np.uint8),axis=1,bitorder="little")[:,:n_bits].astype(np.int8)*2-1)
